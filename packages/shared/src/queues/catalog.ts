import { z } from 'zod';

const id = z.number().int().positive();

/**
 * Every BullMQ job: its queue and its payload. A payload holds ids only; the rows in PostgreSQL are the truth. A job of which
 * the catalog knows no handler does not compile.
 */
export const JOBS = {
  /** Executes one attempt of a run; `epoch` is the one that its claim will get. */
  'run-pipeline': { queue: 'runs', payload: z.object({ run: id, epoch: id }) },
  /** Looks what a run would do. */
  'dry-run': { queue: 'runs', payload: z.object({ dryRun: id }) },
  /** A schedule is due; ticks of an older schedule version are ignored. */
  tick: { queue: 'ticks', payload: z.object({ pipeline: id, scheduleVersion: z.number().int() }) },
  /** Removes what a deleted pipeline left in its warehouse. */
  'purge-pipeline': { queue: 'upkeep', payload: z.object({ pipeline: id }) },
  /** Drops what attempts that are over left in a workspace's warehouse. */
  'sweep-warehouse': { queue: 'upkeep', payload: z.object({ workspace: id }) },
  /** Resolves the identities of a workspace or alters its profile schema, whichever is due. */
  'operate-warehouse': { queue: 'upkeep', payload: z.object({ workspace: id }) },
} as const;

export type JobName = keyof typeof JOBS;

export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]['payload']>;

export const QUEUE_NAMES = ['runs', 'ticks', 'upkeep'] as const;

export type QueueName = (typeof QUEUE_NAMES)[number];
