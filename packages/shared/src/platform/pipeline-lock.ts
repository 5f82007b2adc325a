import { type Redis, readScript } from './redis.js';

const TAKE = readScript('take-pipeline-lock');
const RELEASE = readScript('release-pipeline-lock');

/** One attempt of a run, as it stands in the lock. */
export interface LockHolder {
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
}

/**
 * The Redis lock that lets one run of a pipeline work at a time. It obeys the claim in PostgreSQL: it can be lost with Redis
 * and taken again, and only a higher (run, epoch) in it means that the run was lost.
 */
export interface PipelineLock {
  /** Takes or renews; false when a later attempt holds it. Rejects when Redis is away: that means nothing. */
  take(holder: LockHolder): Promise<boolean>;
  release(holder: LockHolder): Promise<void>;
}

export function createPipelineLock(redis: Redis, options: { prefix: string; ttlMs: number }): PipelineLock {
  const key = (pipeline: number): string => `${options.prefix}:lock:pipeline:${pipeline}`;
  return {
    take: async ({ pipeline, run, epoch }) =>
      (await redis.eval(TAKE, 1, key(pipeline), run, epoch, options.ttlMs)) === 1,
    release: async ({ pipeline, run, epoch }) => {
      await redis.eval(RELEASE, 1, key(pipeline), run, epoch);
    },
  };
}
