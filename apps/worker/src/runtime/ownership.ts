import type { Tally } from '@penstock/domain';
import { type Database, type Logger, type PipelineLock, type Timings, withDeadline } from '@penstock/shared/platform';
import { beatHeart, type ClaimedRun } from '@penstock/shared/use-cases';
import { type Repeated, repeat } from './repeat.js';
import { RunStopped } from './run-stopped.js';

export interface OwnershipOptions {
  readonly database: Database;
  readonly lock: PipelineLock;
  readonly timings: Timings;
  readonly logger: Logger;
  /** Counts to show while the attempt works; null for one that only settles a run, and that nobody can cancel any more. */
  readonly tally: Tally | null;
  readonly controller: AbortController;
  /** Told after each heartbeat that the control database has taken. */
  readonly onBeat: () => void;
}

/** The longest that an answer of Redis is waited for: the lock obeys the claim and never holds a run up. */
const REDIS_PATIENCE_MS = 1_000;
const HEARTBEAT_RETRY_MS = 1_000;

/**
 * Keeps hold of a claimed run: heartbeats to PostgreSQL, renewals of the Redis lock. What says that the run was lost aborts
 * the attempt; a service that is merely away does not.
 */
export class Ownership {
  private readonly run: ClaimedRun;
  private readonly options: OwnershipOptions;
  private repeated: readonly Repeated[] = [];

  constructor(run: ClaimedRun, options: OwnershipOptions) {
    this.run = run;
    this.options = options;
  }

  async start(): Promise<void> {
    const { timings, logger } = this.options;
    await this.renewLock().catch((error: unknown) =>
      logger.warn('lock could not be taken; the run goes on', { error }),
    );
    this.repeated = [
      repeat(
        {
          name: 'heartbeat',
          everyMs: timings.heartbeatMs,
          retryMs: Math.min(HEARTBEAT_RETRY_MS, timings.heartbeatMs),
          logger,
        },
        () => this.beat(),
      ),
      repeat({ name: 'renewal of the lock', everyMs: timings.lockRenewMs, logger }, () => this.renewLock()),
    ];
  }

  /** Stops saying that the run is ours and releases the lock. */
  async stop(): Promise<void> {
    await Promise.all(this.repeated.map((each) => each.stop()));
    await withDeadline(REDIS_PATIENCE_MS, this.options.lock.release(this.run)).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const { database, controller, tally, onBeat } = this.options;
    const heartbeat = await beatHeart({ database }, this.run, tally?.snapshot() ?? null);
    if (heartbeat === 'lost') controller.abort(new RunStopped('lost'));
    if (heartbeat === 'cancel-requested' && tally !== null) controller.abort(new RunStopped('cancelled'));
    onBeat();
  }

  private async renewLock(): Promise<void> {
    const ours = await withDeadline(REDIS_PATIENCE_MS, this.options.lock.take(this.run));
    if (!ours) this.options.controller.abort(new RunStopped('lost'));
  }
}
