import type { Logger, Redis } from '@penstock/shared/platform';
import { JOBS, type JobName, type JobPayload, parsePayload, type QueueName } from '@penstock/shared/queues';
import { type Job, Worker } from 'bullmq';

/** A handler for every job of the catalog: a missing one does not compile. */
export type JobHandlers = { readonly [N in JobName]: (payload: JobPayload<N>) => Promise<unknown> };

export interface ConsumerOptions {
  readonly queue: QueueName;
  readonly redis: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  readonly handlers: JobHandlers;
  readonly logger: Logger;
}

/** A job that stalls is delivered again, and its claim finds it outdated: never a reason to give it up. */
const MAX_STALLED = 1_000;

/** Takes jobs from one queue and hands them to their handlers. */
export function consumeQueue({ queue, redis, prefix, concurrency, handlers, logger }: ConsumerOptions): Worker {
  const worker = new Worker(queue, (job) => handle(job, handlers), {
    connection: redis,
    prefix,
    concurrency,
    maxStalledCount: MAX_STALLED,
  });
  worker.on('error', (error) => logger.debug('queue reported an error', { queue, error }));
  worker.on('failed', (job, error) => logger.error('job failed', { queue, job: job?.id, error }));
  return worker;
}

async function handle(job: Job, handlers: JobHandlers): Promise<void> {
  const { name } = job;
  if (!isJobName(name)) throw new Error(`there is no handler for a job named ${name}`);
  await dispatch(name, job.data, handlers);
}

function dispatch<N extends JobName>(name: N, data: unknown, handlers: JobHandlers): Promise<unknown> {
  return handlers[name](parsePayload(name, data));
}

function isJobName(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}
