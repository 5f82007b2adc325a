import type { Session } from './session.js';
import { CONNECTION_CHECK_MS, sessionSettings } from './session-settings.js';
import { lockKeys } from './warehouse-locks.js';
import type { AttemptId, WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

/** Greater than the (run, epoch) of any attempt; that of a purge. */
export const AFTER_ALL_ATTEMPTS = { run: Number.MAX_SAFE_INTEGER, epoch: Number.MAX_SAFE_INTEGER };

/**
 * Sessions of attempts are known by a shared advisory lock on (oid of the fences, pipeline): its holders are exactly the sessions
 * of this pipeline of this workspace, also where several workspaces or installations share a database. The name tells which
 * attempt it is, to us and to whoever looks at pg_stat_activity.
 */
const MARK = `
  SELECT set_config('application_name', $1, false), ${sessionSettings('$2', '$3', '$4')},
         pg_advisory_lock_shared(${lockKeys('$5', '$6')}),
         to_regclass($5) IS NOT NULL AS initialized, (${holders('count(*)::integer', '$5', '$6')}) AS others`;

function holders(what: string, fences: string, pipeline: string): string {
  return `SELECT ${what} FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = to_regclass(${fences})::oid AND objid = (${pipeline}::integer)::oid AND pid <> pg_backend_pid()`;
}

const END = `
  SELECT count(pg_terminate_backend(pid))::integer AS ended FROM pg_stat_activity
  CROSS JOIN LATERAL regexp_match(application_name, '^penstock ([0-9]+):([0-9]+)$') AS attempt
  WHERE pid IN (${holders('pid', '$1', '$2')}) AND pg_has_role(usesysid, 'MEMBER')
    AND (attempt[1]::bigint, attempt[2]::bigint) < ($3, $4)`;

/**
 * Makes a session that of an attempt: name, timeouts, mark. Returns whether other sessions have the pipeline's mark; undefined
 * when the warehouse has no tables.
 */
export async function markSession(
  session: Session,
  { fences }: WarehouseTables,
  attempt: AttemptId,
  timeouts: WarehouseTimeouts,
): Promise<{ hasOthers: boolean } | undefined> {
  const [marked] = await session.query<{ initialized: boolean; others: number }>(MARK, [
    `penstock ${attempt.run}:${attempt.epoch}`,
    `${timeouts.lockMs}ms`,
    `${timeouts.idleInTransactionMs}ms`,
    `${CONNECTION_CHECK_MS}ms`,
    fences.sql,
    attempt.pipeline,
  ]);
  if (marked?.initialized !== true) return undefined;
  return { hasOthers: marked.others > 0 };
}

const LATER = `
  SELECT 1 FROM pg_stat_activity
  CROSS JOIN LATERAL regexp_match(application_name, '^penstock ([0-9]+):([0-9]+)$') AS attempt
  WHERE pid IN (${holders('pid', '$1', '$2')}) AND (attempt[1]::bigint, attempt[2]::bigint) > ($3, $4)`;

/** Whether a later attempt, or a purge, is under way: it marks its session before it does anything. */
export async function hasSessionAfter(
  session: Session,
  { fences }: WarehouseTables,
  attempt: AttemptId,
): Promise<boolean> {
  return (await session.query(LATER, [fences.sql, attempt.pipeline, attempt.run, attempt.epoch])).length > 0;
}

/**
 * Ends the sessions of the pipeline's attempts before (run, epoch), and with them their transactions and locks. They end
 * shortly after; a lock of theirs is waited for.
 */
export async function endSessionsBefore(
  session: Session,
  { fences }: WarehouseTables,
  attempt: AttemptId,
): Promise<void> {
  await session.query(END, [fences.sql, attempt.pipeline, attempt.run, attempt.epoch]);
}
