import { createHmac } from 'node:crypto';
import pg from 'pg';

const ROLE = 'penstock_demo';
const NOT_ALLOWED = '42501';

/**
 * A role of its own for the demo's databases: it owns them and may do nothing else, whereas
 * Penstock's own user may be a superuser, who can read files of the server by a query. Its password follows from that of
 * Penstock's user, so that it has to be kept nowhere.
 * @param {string} serverUrl
 * @returns {Promise<(url: string) => string>} puts the role into the URL of a database; the URL as it is where no role may be made
 */
export async function ensureDemoRole(serverUrl) {
  const password = createHmac('sha256', new URL(serverUrl).password).update(ROLE).digest('base64url');
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [ROLE]);
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(`${verb} ROLE ${ROLE} LOGIN NOSUPERUSER PASSWORD ${client.escapeLiteral(password)}`);
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== NOT_ALLOWED) throw error;
    return (url) => url;
  } finally {
    await client.end();
  }
  return (url) => {
    const own = new URL(url);
    own.username = ROLE;
    own.password = password;
    return own.href;
  };
}

/**
 * Makes the demo's role the owner of a database, if it is not already.
 * @param {string} url of the database, with Penstock's own user
 * @param {string} ownUrl the same with the demo's role
 */
export async function giveToDemoRole(url, ownUrl) {
  const { username, pathname } = new URL(ownUrl);
  if (username === new URL(url).username) return;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const name = client.escapeIdentifier(decodeURIComponent(pathname.slice(1)));
    await client.query(`ALTER DATABASE ${name} OWNER TO ${client.escapeIdentifier(username)}`);
  } finally {
    await client.end();
  }
}
