import { randomUUID } from 'node:crypto';

/**
 * Applies one migration and writes it into the history.
 * @param {import('pg').Client} client
 * @param {import('./read-migrations.mjs').Migration} migration
 */
export async function applyMigration(client, migration) {
  try {
    if (migration.transactional) await applyAtOnce(client, migration);
    else await applyInSteps(client, migration);
  } catch (error) {
    throw new Error(`migration ${migration.name} failed: ${describe(error, migration.sql)}`, { cause: error });
  }
}

/**
 * The change and its entry in the history are one transaction, so a failure or a crash leaves neither, and the migration
 * can simply be applied again.
 * @param {import('pg').Client} client
 * @param {import('./read-migrations.mjs').Migration} migration
 */
async function applyAtOnce(client, { name, sql, checksum }) {
  const id = randomUUID();
  await client.query('BEGIN');
  try {
    await insertEntry(client, { id, name, checksum });
    await client.query(sql);
    await finishEntry(client, id);
    await client.query('COMMIT');
  } catch (error) {
    // The reason matters more than that it is written down: on a broken connection this fails as well.
    await recordUndone(client, { name, checksum, reason: describe(error, sql) }).catch(() => undefined);
    throw error;
  }
}

/**
 * @param {import('pg').Client} client
 * @param {{ name: string, checksum: string, reason: string }} attempt
 */
async function recordUndone(client, { name, checksum, reason }) {
  const id = randomUUID();
  await client.query('ROLLBACK');
  await insertEntry(client, { id, name, checksum });
  await client.query('UPDATE _prisma_migrations SET logs = $2, rolled_back_at = now() WHERE id = $1', [id, reason]);
}

/**
 * Outside of a transaction: the entry is written first, so that an unfinished one tells that the database may have been
 * changed in part.
 * @param {import('pg').Client} client
 * @param {import('./read-migrations.mjs').Migration} migration
 */
async function applyInSteps(client, { name, sql, checksum }) {
  const id = randomUUID();
  await insertEntry(client, { id, name, checksum });
  try {
    await client.query(sql);
  } catch (error) {
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, describe(error, sql)]);
    throw error;
  }
  await finishEntry(client, id);
}

/**
 * @param {import('pg').Client} client
 * @param {{ id: string, name: string, checksum: string }} entry
 */
async function insertEntry(client, { id, name, checksum }) {
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
}

/**
 * @param {import('pg').Client} client
 * @param {string} id
 */
async function finishEntry(client, id) {
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}

/**
 * PostgreSQL's words, its hint and the line of the migration.
 * @param {unknown} error
 * @param {string} sql
 */
function describe(error, sql) {
  const { message, hint, position } = /** @type {import('pg').DatabaseError} */ (error);
  const line = position ? ` (line ${sql.slice(0, Number(position)).split('\n').length})` : '';
  return `${message}${line}${hint ? `; ${hint}` : ''}`;
}
