import type { IsLiveAttempt } from '../warehouse-platform.js';
import type { Session } from './session.js';
import { attemptOfStaging, type TableName, type WarehouseTables } from './warehouse-tables.js';

/** Whoever still uses a table keeps it; a later round drops it. */
const LOCK_MS = 2_000;

/** Drops staging tables, without waiting long for who may still hold them. */
export async function dropStaging(session: Session, tables: readonly TableName[]): Promise<void> {
  if (tables.length === 0) return;
  await session.query("SELECT set_config('lock_timeout', $1, false)", [`${LOCK_MS}ms`]);
  await session.query(`DROP TABLE IF EXISTS ${tables.map(({ sql }) => sql).join(', ')}`);
}

/** Drops the staging tables of attempts that are over, as far as nothing holds them. Returns how many were dropped. */
export async function dropLeftovers(session: Session, tables: WarehouseTables, isLive: IsLiveAttempt): Promise<number> {
  let dropped = 0;
  for (const table of await stagingTables(session, tables)) {
    const attempt = attemptOfStaging(table.name);
    if (attempt === undefined || (await isLive(attempt.run, attempt.epoch))) continue;
    const isDropped = await dropStaging(session, [table]).then(
      () => true,
      () => false,
    );
    if (isDropped) dropped++;
  }
  return dropped;
}

/** Drops the staging tables of a pipeline that is being purged. */
export async function dropStagingOf(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  const found = await stagingTables(session, tables);
  await dropStaging(
    session,
    found.filter(({ name }) => attemptOfStaging(name)?.pipeline === pipeline),
  );
}

async function stagingTables(session: Session, tables: WarehouseTables): Promise<TableName[]> {
  const found = await session.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 AND relkind = 'r' AND relname ~ '^penstock_(stage|keep|sent)_[0-9]+_[0-9]+_[0-9]+$' ORDER BY relname`,
    [tables.schema],
  );
  return found.map(({ name }) => tables.found(name));
}
