import { AppError } from '@penstock/domain';
import type { Session } from '../session.js';
import { sessionSettings } from '../session-settings.js';
import { lockKeys, WAREHOUSE_LOCKS } from '../warehouse-locks.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';

/** How often the server looks, during a statement, whether the worker is still there: more often than for others, whom nobody waits for. */
const CONNECTION_CHECK_MS = 1_000;

const PREPARE = `
  SELECT set_config('application_name', 'penstock resolution', false), ${sessionSettings('$1', '$2', '$3')},
         set_config('idle_session_timeout', $2, false), to_regclass($4) IS NOT NULL AS initialized`;

/** Makes a session that of a resolution. A worker that was stopped must not keep the others out: its session ends when it is idle. */
export async function prepareSession(
  session: Session,
  { fences }: WarehouseTables,
  { lockMs, idleInTransactionMs }: WarehouseTimeouts,
): Promise<void> {
  const values = [`${lockMs}ms`, `${idleInTransactionMs}ms`, `${CONNECTION_CHECK_MS}ms`, fences.sql];
  const [prepared] = await session.query<{ initialized: boolean }>(PREPARE, values);
  if (prepared?.initialized === true) return;
  throw new AppError('WarehouseRefused', { message: 'the data warehouse has not been initialised' });
}

const LOCK = `
  SELECT CASE WHEN pg_try_advisory_lock(${lockKeys('$1', WAREHOUSE_LOCKS.operation)})
              THEN pg_try_advisory_lock_shared(${lockKeys('$1', WAREHOUSE_LOCKS.alteration)}) ELSE false END AS locked`;

/**
 * Locks other resolutions and alterations out, until the session is given back; see {@link WAREHOUSE_LOCKS}. It is the
 * session's lock, because a statement that takes the transaction's would fix the snapshot before there is a lock.
 */
export async function lockResolution(session: Session, { fences }: WarehouseTables): Promise<boolean> {
  const [row] = await session.query<{ locked: boolean }>(LOCK, [fences.sql]);
  return row?.locked === true;
}

/**
 * Fixes the snapshot of the transaction, with no purge under way; LOCK does not fix it. Returns the pipelines whose partitions
 * it sees.
 */
export async function beginSnapshot(session: Session, { identities }: WarehouseTables): Promise<number[]> {
  await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await session.query(`LOCK TABLE ${identities.sql} IN ACCESS SHARE MODE`);
  const partitions = await session.query<{ pipeline: number }>(
    `SELECT substring(relname FROM '[0-9]+$')::integer AS pipeline
     FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass($1)`,
    [identities.sql],
  );
  return partitions.map(({ pipeline }) => pipeline);
}

/**
 * Memory for hashing a million identities; see publish-turn.ts for the others. Tables of the transaction are not seen by parallel
 * workers.
 */
export async function tunePlans(session: Session): Promise<void> {
  await session.query(`
    SELECT set_config('work_mem', ${atLeast('work_mem', 128)}, true),
           set_config('maintenance_work_mem', ${atLeast('maintenance_work_mem', 256)}, true),
           set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)`);
}

function atLeast(setting: string, megabytes: number): string {
  return `greatest(pg_size_bytes(current_setting('${setting}')), ${megabytes * 1024 * 1024}) / 1024 || 'kB'`;
}
