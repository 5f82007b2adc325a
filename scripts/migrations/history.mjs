/**
 * What Prisma's table says about a migration that was not rolled back.
 * @typedef {{ migration_name: string, checksum: string, finished_at: Date | null, logs: string | null }} HistoryRow
 */

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * @param {import('pg').Client} client
 * @returns {Promise<Map<string, HistoryRow>>} by name
 */
export async function readHistory(client) {
  // Asked first, because CREATE TABLE IF NOT EXISTS prints a notice and needs rights that a later start may not have.
  const { rows: found } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`);
  if (!found[0].exists) await client.query(CREATE_TABLE);
  const { rows } = await client.query(
    'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

/**
 * A migration that was begun and not finished has left the database between two versions. Nothing but a person knows how
 * to go on from there.
 * @param {Map<string, HistoryRow>} history
 */
export function refuseFailed(history) {
  for (const { migration_name: name, finished_at: finishedAt, logs } of history.values()) {
    if (finishedAt) continue;
    throw new Error(
      `migration ${name} failed earlier and may have been applied in part${logs ? `:\n  ${logs.split('\n')[0]}` : ''}
Repair the database by hand, then tell its history what you did:
  undone, to be applied again: UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '${name}' AND finished_at IS NULL;
  completed by hand:           UPDATE _prisma_migrations SET finished_at = now() WHERE migration_name = '${name}' AND rolled_back_at IS NULL;`,
    );
  }
}
