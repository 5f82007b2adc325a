import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@penstock/domain';
import { type DestinationOwner, FenceLostError } from '@penstock/engine';
import type { PostgresqlSession } from '../session.js';
import type { FoundTable } from './find-table.js';

/** How long sessions of earlier attempts may take to end, which includes rolling back what they are doing. */
const END_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Other sessions that hold the lock, with the attempt that their name tells. A key of 64 bits is two halves in pg_locks. */
const OTHERS = `
SELECT a.pid, pg_catalog.pg_has_role(a.usesysid, 'MEMBER') AS ours,
  coalesce((attempt[1]::bigint, attempt[2]::bigint) < ($2::bigint, $3::bigint), true) AS earlier,
  coalesce((attempt[1]::bigint, attempt[2]::bigint) > ($2::bigint, $3::bigint), false) AS later
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
LEFT JOIN LATERAL pg_catalog.regexp_match(a.application_name, '^penstock ([0-9]+):([0-9]+)$') AS attempt ON true
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint`;

interface Other extends Record<string, unknown> {
  readonly pid: number;
  readonly ours: boolean;
  readonly earlier: boolean;
  readonly later: boolean;
}

/** What sessions of an attempt are called. */
export function attemptName({ run, epoch }: DestinationOwner): string {
  return `penstock ${run}:${epoch}`;
}

/**
 * Makes a session, which has its name already, that of an attempt: ends the sessions of earlier ones of the pipeline at the table and waits
 * until they are gone, with their transactions. All attempts mark themselves before they look, so that of two that begin at the same time
 * the earlier sees the later, or is ended by it. Throws FenceLostError when a later one is there, AppError `DestinationUnavailable`
 * when an earlier one does not go.
 */
export async function takeOver(
  session: PostgresqlSession,
  { name: table }: FoundTable,
  owner: DestinationOwner,
): Promise<void> {
  const key = lockKey(table, owner.pipeline);
  await session.rows('SELECT pg_catalog.pg_advisory_lock_shared($1::bigint)', [key]);
  const deadline = performance.now() + END_MS;
  for (;;) {
    const others = await session.rows<Other>(OTHERS, [key, owner.run, owner.epoch]);
    if (others.some(({ later }) => later)) {
      throw new FenceLostError(`a later attempt of pipeline ${owner.pipeline} writes to table ${table}`);
    }
    const earlier = others.filter((other) => other.earlier);
    if (earlier.length === 0) return;
    if (performance.now() > deadline) throw stubborn(earlier, table);
    const pids = earlier.filter(({ ours }) => ours).map(({ pid }) => pid);
    await session.rows('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.unnest($1::integer[]) AS pid', [
      pids,
    ]);
    await pause(LOOK_AGAIN_MS);
  }
}

/** By name of the table, so that installations that share a database and number their pipelines alike do not end each other. */
function lockKey(table: string, pipeline: number): string {
  const digest = createHash('sha256').update(`penstock destination\0${table}\0${pipeline}`).digest();
  return digest.readBigInt64BE().toString();
}

function stubborn(earlier: readonly Other[], table: string): AppError {
  const pids = earlier.map(({ pid }) => pid).join(', ');
  const foreign = earlier.some(({ ours }) => !ours) ? '; it belongs to another user, so end it there' : '';
  const message = `an earlier attempt still writes to table ${table} (process ${pids}) and does not end${foreign}`;
  return new AppError('DestinationUnavailable', { message });
}
