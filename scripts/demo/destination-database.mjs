import pg from 'pg';
import { ensureDatabase } from '../migrations/ensure-database.mjs';
import { CUSTOMERS_TABLE } from './definitions.mjs';
import { ensureDemoRole, giveToDemoRole } from './demo-role.mjs';
import { databaseUrl } from './source-database.mjs';

/** A table as a marketing tool would have it: known by the address, and with a column that only the tool itself writes. */
const CUSTOMERS = `
  CREATE TABLE IF NOT EXISTS ${CUSTOMERS_TABLE} (
    email text PRIMARY KEY,
    full_name text,
    country text,
    plan text,
    lifetime_value numeric(10, 2),
    newsletter_since date,
    campaign text NOT NULL DEFAULT 'none'
  )`;

/**
 * The database that the demo exports to, with its table; left as the user may have changed it.
 * @param {string} serverUrl a database of the server
 * @param {string} [name]
 * @returns {Promise<{ url: string }>}
 */
export async function ensureDestinationDatabase(serverUrl, name = 'penstock_demo_destination') {
  const serverOwn = databaseUrl(serverUrl, name);
  await ensureDatabase(serverOwn);
  const url = (await ensureDemoRole(serverUrl))(serverOwn);
  await giveToDemoRole(serverOwn, url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(CUSTOMERS);
    return { url };
  } finally {
    await client.end();
  }
}
