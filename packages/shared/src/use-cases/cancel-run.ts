import { AppError } from '@penstock/domain';
import type { Database } from '../platform/database.js';
import { withinRedisPatience } from '../queues/queues.js';
import type { Dependencies } from './dependencies.js';
import { completeModeChange } from './warehouse-mode.js';

export interface Cancellation {
  readonly workspace: number;
  readonly run: number;
  /** Who asks; shown with the run. */
  readonly by: string;
}

/** Name of the channel on which workers hear of runs to stop; a worker that misses it learns it from its next heartbeat. */
export function cancellationChannel(redisPrefix: string): string {
  return `${redisPrefix}:cancel`;
}

/**
 * Cancels a live run. One that no worker has had yet ends at once. One that a worker has, or had, is ended by the worker
 * that owns it or by the next one: only they can see in the warehouse whether it had been published.
 * @throws AppError NotFound, RunNotLive
 */
export async function cancelRun(
  deps: Pick<Dependencies, 'database' | 'redis' | 'redisPrefix' | 'queues'>,
  cancellation: Cancellation,
): Promise<void> {
  const outcome = await requestCancellation(deps.database.pool, cancellation);
  if (outcome === 'unknown') throw new AppError('NotFound', { message: 'pipeline run does not exist' });
  if (outcome === 'ended') throw new AppError('RunNotLive');
  await announceCancellation(deps, [cancellation.run]);
  await completeModeChange(deps, cancellation.workspace);
}

const REQUEST = `
  WITH target AS (
    SELECT id, end_time IS NOT NULL AS ended FROM runs WHERE id = $1 AND workspace_id = $2
  ), requested AS (
    UPDATE runs SET cancel_requested_at = coalesce(cancel_requested_at, now()), cancelled_by = coalesce(cancelled_by, $3),
      status = CASE WHEN status = 'queued' AND epoch = 0 THEN 'cancelled' ELSE status END,
      end_time = CASE WHEN status = 'queued' AND epoch = 0 THEN greatest(clock_timestamp(), start_time) END,
      error_code = CASE WHEN status = 'queued' AND epoch = 0 THEN 'RunCancelled' ELSE error_code END,
      error_step = CASE WHEN status = 'queued' AND epoch = 0 THEN 'Receive' ELSE error_step END,
      error_message = CASE WHEN status = 'queued' AND epoch = 0 THEN $4 ELSE error_message END
    WHERE id = $1 AND workspace_id = $2 AND status IN ('queued', 'running')
    RETURNING id
  )
  SELECT EXISTS (SELECT FROM target) AS known, EXISTS (SELECT FROM requested) AS requested`;

/** Records who cancels a run, and when; the caller announces it after its transaction. */
export async function requestCancellation(
  client: Pick<Database['pool'], 'query'>,
  { run, workspace, by }: Cancellation,
): Promise<'requested' | 'ended' | 'unknown'> {
  const { rows } = await client.query<{ known: boolean; requested: boolean }>(REQUEST, [
    run,
    workspace,
    by,
    new AppError('RunCancelled').message,
  ]);
  if (rows[0]?.requested) return 'requested';
  return rows[0]?.known ? 'ended' : 'unknown';
}

/** Tells the workers, and lets a retry that waits start now, so that its claim ends the run. */
export async function announceCancellation(
  { database, redis, redisPrefix, queues }: Pick<Dependencies, 'database' | 'redis' | 'redisPrefix' | 'queues'>,
  runs: readonly number[],
): Promise<void> {
  if (runs.length === 0) return;
  const { rows } = await database.pool.query<{ run: number; epoch: number }>(
    `SELECT id::float8 AS run, epoch + 1 AS epoch FROM runs WHERE id = ANY ($1::bigint[]) AND status = 'queued'`,
    [runs],
  );
  await withinRedisPatience(
    Promise.all([
      ...runs.map((run) => redis.publish(cancellationChannel(redisPrefix), String(run))),
      ...rows.map((queued) => queues.promoteRun(queued)),
    ]),
  );
}
