import pg from 'pg';

const DOES_NOT_EXIST = '3D000';
// Two processes that create the same database at once meet either of them.
const EXISTS_ALREADY = ['42P04', '23505'];

/**
 * Creates the database that a URL names unless it exists.
 * @param {string} databaseUrl
 */
export async function ensureDatabase(databaseUrl) {
  if (await exists(databaseUrl)) return;
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const client = new pg.Client({ connectionString: maintenanceUrl(databaseUrl) });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    if (!EXISTS_ALREADY.includes(codeOf(error))) {
      throw new Error(
        `database ${name} does not exist and cannot be created: ${/** @type {Error} */ (error).message}`,
        {
          cause: error,
        },
      );
    }
  } finally {
    await client.end();
  }
}

/** @param {string} databaseUrl */
async function exists(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (codeOf(error) === DOES_NOT_EXIST) return false;
    const { host, pathname } = new URL(databaseUrl);
    const reason = /** @type {Error} */ (error).message || codeOf(error);
    throw new Error(`PostgreSQL does not let us into ${host}${pathname}: ${reason}`, { cause: error });
  } finally {
    await client.end();
  }
}

/**
 * The database that every server has, for commands that need to be connected to some other database.
 * @param {string} databaseUrl
 */
function maintenanceUrl(databaseUrl) {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  return url.href;
}

/** @param {unknown} error */
function codeOf(error) {
  return String(/** @type {{ code?: unknown }} */ (error)?.code ?? '');
}
