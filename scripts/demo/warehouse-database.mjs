import pg from 'pg';
import { ensureDatabase } from '../migrations/ensure-database.mjs';
import { ensureDemoRole, giveToDemoRole } from './demo-role.mjs';
import { databaseUrl } from './source-database.mjs';

/**
 * An empty database for a workspace's warehouse. One that holds something is left alone: it may be the warehouse of an
 * earlier demo.
 * @param {string} serverUrl
 * @param {string} [name] a number is added to it when it is taken
 */
export async function createWarehouseDatabase(serverUrl, name = 'penstock_demo_warehouse') {
  const asDemoRole = await ensureDemoRole(serverUrl);
  for (let number = 1; ; number++) {
    const url = databaseUrl(serverUrl, number === 1 ? name : `${name}_${number}`);
    await ensureDatabase(url);
    if (!(await isEmpty(url))) continue;
    await giveToDemoRole(url, asDemoRole(url));
    return asDemoRole(url);
  }
}

/** @param {string} url */
async function isEmpty(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT count(*)::int AS count FROM pg_class
       WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\\_%' OR nspname = 'information_schema')`,
    );
    return rows[0].count === 0;
  } finally {
    await client.end();
  }
}
