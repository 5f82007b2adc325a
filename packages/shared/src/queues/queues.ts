import { Queue } from 'bullmq';
import { Batcher } from '../platform/batcher.js';
import { withDeadline } from '../platform/deadline.js';
import type { Redis } from '../platform/redis.js';
import { JOBS, type JobName, type JobPayload, QUEUE_NAMES, type QueueName } from './catalog.js';

/** An answer to a user never waits longer than this for Redis: recovery adds the job if it could not be added. */
const ADD_TIMEOUT_MS = 500;

/** Jobs carry no history: what became of a run is in PostgreSQL, and a retained id would swallow the next job of that id. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

export interface QueuedRun {
  readonly run: number;
  /** The epoch that the claim will get. */
  readonly epoch: number;
  readonly delayMs?: number;
}

/** An operation on a workspace's warehouse: a resolution, an alteration. */
export interface QueuedOperation {
  readonly operation: number;
  readonly workspace: number;
  /** The epoch that the claim will get. */
  readonly epoch: number;
  readonly delayMs?: number;
}

/** The producers' side of the queues. */
export interface Queues extends Readonly<Record<QueueName, Queue>> {
  /** Adds the job of a run; one that is in the queue already is left as it is. Jobs added at the same time go together. */
  addRun(run: QueuedRun): Promise<void>;
  /** As {@link addRun}, for many. */
  addRuns(runs: readonly QueuedRun[]): Promise<void>;
  /** Lets a run's waiting retry start now. */
  promoteRun(run: QueuedRun): Promise<void>;
  /** Adds the job of a dry run; `epoch` is the one that its claim will get. */
  addDryRun(queued: { readonly dryRun: number; readonly epoch: number }): Promise<void>;
  addPurge(pipeline: number): Promise<void>;
  addSweeps(workspaces: readonly number[]): Promise<void>;
  /** Adds the job of an operation; without a delay one that waits starts now. */
  addOperation(operation: QueuedOperation): Promise<void>;
  close(): Promise<void>;
}

export function createQueues({ redis, prefix }: { readonly redis: Redis; readonly prefix: string }): Queues {
  const create = (name: QueueName): Queue => {
    const queue = new Queue(name, { connection: redis, prefix, defaultJobOptions: JOB_OPTIONS, skipMetasUpdate: true });
    // Redis being away shows as an event on every queue; readiness reports it, commands fail by themselves.
    queue.on('error', () => undefined);
    return queue;
  };
  const queues = { runs: create('runs'), ticks: create('ticks'), upkeep: create('upkeep') };
  const adding = new Batcher<QueuedRun, void>(async (runs) => {
    await queues.runs.addBulk(runs.map(runJob));
    return [];
  });
  return {
    ...queues,
    addRun: (run) => adding.do(run),
    addRuns: async (runs) => {
      await queues.runs.addBulk(runs.map(runJob));
    },
    promoteRun: async (run) => {
      const job = await queues.runs.getJob(runJobId(run));
      if (await job?.isDelayed()) await job?.promote();
    },
    addDryRun: async ({ dryRun, epoch }) => {
      await queues.runs.add('dry-run' satisfies JobName, { dryRun }, { jobId: `dry-run-${dryRun}-${epoch}` });
    },
    addPurge: async (pipeline) => {
      await queues.upkeep.add('purge-pipeline' satisfies JobName, { pipeline }, { jobId: `purge-${pipeline}` });
    },
    addSweeps: async (workspaces) => {
      const name = 'sweep-warehouse' satisfies JobName;
      await queues.upkeep.addBulk(
        workspaces.map((workspace) => ({ name, data: { workspace }, opts: { jobId: `sweep-${workspace}` } })),
      );
    },
    addOperation: async ({ operation, workspace, epoch, delayMs = 0 }) => {
      const payload: JobPayload<'operate-warehouse'> = { workspace };
      const options = { jobId: `operate-${operation}-${epoch}`, delay: delayMs };
      const job = await queues.upkeep.add('operate-warehouse' satisfies JobName, payload, options);
      if (delayMs === 0 && (await job.isDelayed())) await job.promote();
    },
    close: async () => {
      await Promise.all(QUEUE_NAMES.map((name) => queues[name].close()));
    },
  };
}

/** Waits for Redis half a second at most and never rejects; says whether the work was done. */
export async function withinRedisPatience(work: Promise<unknown>): Promise<boolean> {
  try {
    await withDeadline(ADD_TIMEOUT_MS, work);
    return true;
  } catch {
    return false;
  }
}

/** Reads a payload as the catalog says. @throws ZodError when somebody else put it there. */
export function parsePayload<N extends JobName>(name: N, data: unknown): JobPayload<N> {
  return JOBS[name].payload.parse(data) as JobPayload<N>;
}

function runJob(queued: QueuedRun) {
  const payload: JobPayload<'run-pipeline'> = { run: queued.run, epoch: queued.epoch };
  return {
    name: 'run-pipeline' satisfies JobName,
    data: payload,
    opts: { ...JOB_OPTIONS, jobId: runJobId(queued), delay: queued.delayMs ?? 0 },
  };
}

function runJobId({ run, epoch }: QueuedRun): string {
  return `run-${run}-${epoch}`;
}
