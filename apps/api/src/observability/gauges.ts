import { QUEUE_NAMES, type QueueName } from '@penstock/shared/queues';
import type { ApiDependencies } from '../dependencies.js';
import { within } from './within.js';

const PATIENCE_MS = 1_000;

export interface QueueDepth {
  readonly queue: QueueName;
  readonly state: string;
  readonly jobs: number;
}

/** Jobs by queue and state; nothing while Redis is away, because zero would be a lie. */
export async function queueDepths({ queues }: Pick<ApiDependencies, 'queues'>): Promise<QueueDepth[]> {
  const counted = QUEUE_NAMES.map(async (queue) => {
    const counts = await queues[queue].getJobCounts('waiting', 'active', 'delayed', 'failed');
    return Object.entries(counts).map(([state, jobs]) => ({ queue, state, jobs }));
  });
  return within(PATIENCE_MS, Promise.all(counted)).then(
    (depths) => depths.flat(),
    () => [],
  );
}

/** Live runs by status, those with none included; nothing while PostgreSQL is away. */
export async function liveRunCounts({
  database,
}: Pick<ApiDependencies, 'database'>): Promise<{ status: string; runs: number }[]> {
  const counted = database.pool.query<{ status: string; runs: number }>(
    `SELECT status, count(r.id)::int AS runs FROM unnest(ARRAY['queued', 'running']) AS status
     LEFT JOIN (SELECT id, status FROM runs WHERE status IN ('queued', 'running')) r USING (status) GROUP BY status`,
  );
  return within(PATIENCE_MS, counted).then(
    ({ rows }) => rows,
    () => [],
  );
}
