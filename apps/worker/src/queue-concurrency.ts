import type { QueueName } from '@penstock/shared/queues';

/**
 * Jobs of a queue that a worker has under way at a time; of runs and dry runs that is configured. Ticks and upkeep wait on databases only. A
 * resolution may take a minute: purges and sweeps do not wait for it.
 */
export const QUEUE_CONCURRENCY: Readonly<Record<Exclude<QueueName, 'runs'>, number>> = { ticks: 8, upkeep: 4 };
