import { asOnlyWorker } from '../platform/advisory-lock.js';
import type { Database } from '../platform/database.js';
import { withDeadline } from '../platform/deadline.js';
import type { QueuedRun } from '../queues/queues.js';
import type { Dependencies } from './dependencies.js';
import { handBackRun } from './end-run.js';
import type { ObservedRun, StaleWatch } from './stale-watch.js';

type RecoveryDependencies = Pick<Dependencies, 'database' | 'queues' | 'logger'>;

/** A queued run whose job was just added is not looked at: its producer may still be adding it. */
const QUEUED_GRACE_MS = 2_000;
const ADD_BATCH = 500;
/** Redis being away must not keep recovery, and a worker that stops, waiting. */
const REDIS_PATIENCE_MS = 5_000;

/**
 * One pass of recovery: runs whose owner is gone go back to the queue, and queued runs whose job is missing get one, whether
 * Redis was emptied or its producer died. Every worker watches; one at a time acts.
 */
export async function recoverRuns(deps: RecoveryDependencies, watch: StaleWatch): Promise<void> {
  let stale: ObservedRun[];
  try {
    stale = watch.look(await runningRuns(deps.database), performance.now());
  } catch (error) {
    watch.reset();
    throw error;
  }
  await asOnlyWorker(deps.database, 'recovery', async () => {
    for (const run of stale) await takeBack(deps, run);
    await addMissingJobs(deps);
  });
}

async function runningRuns({ pool }: Database): Promise<ObservedRun[]> {
  const { rows } = await pool.query<ObservedRun>(
    `SELECT id::float8 AS run, epoch, heartbeat_at::text AS "heartbeatAt" FROM runs WHERE status = 'running'`,
  );
  return rows;
}

async function takeBack(deps: RecoveryDependencies, { run, epoch, heartbeatAt }: ObservedRun): Promise<void> {
  const taken = await handBackRun(
    deps,
    { run, epoch },
    { reason: 'lost', delayMs: 0, error: null, mayBePublished: true, ifHeartbeatAt: heartbeatAt },
  );
  if (taken) deps.logger.warn('run was lost by its worker and goes back to the queue', { run, epoch });
}

async function addMissingJobs({ database, queues }: RecoveryDependencies): Promise<void> {
  const { rows } = await database.pool.query<QueuedRun & { readonly delayMs: number }>(
    `SELECT id::float8 AS run, epoch + 1 AS epoch,
       greatest(0, extract(epoch FROM queued_at - now()) * 1000)::float8 AS "delayMs"
     FROM runs
     WHERE status = 'queued' AND (queued_at < now() - $1 * interval '1 millisecond' OR queued_at > now())
     ORDER BY queued_at`,
    [QUEUED_GRACE_MS],
  );
  // Adding a job that exists does nothing, so nobody has to ask the queue first.
  for (let start = 0; start < rows.length; start += ADD_BATCH) {
    await withDeadline(REDIS_PATIENCE_MS, queues.addRuns(rows.slice(start, start + ADD_BATCH)));
  }
}
