import {
  AppError,
  type AttemptEnd,
  MAX_LOST_ATTEMPTS,
  type Settlement,
  StepError,
  settleRun,
  Tally,
} from '@penstock/domain';
import { executeImport, FailureGroups, FenceLostError, type ImportResult, type ImportStage } from '@penstock/engine';
import { createPipelineLock, type Timings } from '@penstock/shared/platform';
import {
  type ClaimedRun,
  cancelledError,
  claimRun,
  type Dependencies,
  endRun,
  handBackRun,
  type RunEnd,
} from '@penstock/shared/use-cases';
import type { ActiveAttempts } from './active-attempts.js';
import { openImport } from './open-import.js';
import { Ownership } from './ownership.js';
import { persist } from './persist.js';
import { RunStopped } from './run-stopped.js';
import { Watchdog } from './watchdog.js';

export interface AttemptDependencies extends Dependencies {
  readonly timings: Timings;
  /** Names this worker in the runs that it has. */
  readonly worker: string;
  readonly attempts: ActiveAttempts;
  /** Told at each point that an attempt passes. */
  readonly onStage?: (run: number, stage: AttemptStage) => void | Promise<void>;
}

/** The points that an attempt passes: those of its import, after the claim and before the run is settled. */
export type AttemptStage = 'claimed' | ImportStage | 'settling' | 'settled';

/** Executes one attempt of a run, if its job is not outdated: claim, import, settle. */
export async function runAttempt(
  deps: AttemptDependencies,
  job: { readonly run: number; readonly epoch: number },
): Promise<void> {
  const claimed = await claimRun(deps, { ...job, worker: deps.worker });
  if (claimed === undefined) return;
  const logger = deps.logger.child({ run: claimed.run, epoch: claimed.epoch, pipeline: claimed.pipeline });
  const controller = deps.attempts.add(claimed.run);
  try {
    await new Attempt(claimed, controller, { ...deps, logger }).execute();
  } finally {
    deps.attempts.delete(claimed.run, controller);
  }
}

/** How an import ended, with its result when it published. */
interface Outcome {
  readonly end: AttemptEnd;
  readonly result: ImportResult | null;
}

class Attempt {
  private readonly claimed: ClaimedRun;
  private readonly controller: AbortController;
  private readonly deps: AttemptDependencies;
  private readonly tally = new Tally();
  private readonly failures = new FailureGroups();
  /** Whether the publish had begun: then only the warehouse knows whether it happened. */
  private publishing = false;

  constructor(claimed: ClaimedRun, controller: AbortController, deps: AttemptDependencies) {
    this.claimed = claimed;
    this.controller = controller;
    this.deps = deps;
  }

  async execute(): Promise<void> {
    const { database, redis, redisPrefix, timings, logger } = this.deps;
    const lock = createPipelineLock(redis, { prefix: redisPrefix, ttlMs: timings.lockTtlMs });
    const { controller, tally } = this;
    const ownership = new Ownership(this.claimed, { database, lock, timings, logger, tally, controller });
    await ownership.start();
    try {
      const outcome = await this.import();
      await this.pass('settling');
      await this.settle(outcome);
      await this.pass('settled');
    } finally {
      await ownership.stop();
    }
  }

  private async import(): Promise<Outcome> {
    const watchdog = new Watchdog(this.controller, this.deps.timings);
    try {
      await this.pass('claimed');
      const { assignment, source, warehouse } = openImport(this.deps, this.claimed, this.settleOnly());
      const onStage = async (stage: ImportStage): Promise<void> => {
        watchdog.progress(stage);
        if (stage === 'staged') this.publishing = true;
        await this.pass(stage);
      };
      const { tally, failures } = this;
      const { signal } = this.controller;
      const result = await executeImport(assignment, { source, warehouse, signal, tally, failures, onStage });
      return { end: { kind: 'published' }, result };
    } catch (error) {
      return { end: this.endOf(error), result: null };
    } finally {
      watchdog.stop();
    }
  }

  /** A run that is cancelled, was lost too often or ended while it published is only looked up in the warehouse. */
  private settleOnly(): boolean {
    const { cancelRequested, lostAttempts, settleOnly } = this.claimed;
    return cancelRequested || settleOnly || lostAttempts >= MAX_LOST_ATTEMPTS;
  }

  private endOf(error: unknown): AttemptEnd {
    if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
    if (error instanceof FenceLostError) return { kind: 'stopped', reason: 'lost' };
    if (error instanceof StepError && error.code === 'RunLost' && this.settleOnly()) return this.endOfSettleOnly();
    this.logEnd(error);
    return { kind: 'threw', error };
  }

  /** Nothing was published by the attempts before: the run ends as what led here says. */
  private endOfSettleOnly(): AttemptEnd {
    const { cancelRequested, lastError } = this.claimed;
    if (cancelRequested) return { kind: 'stopped', reason: 'cancelled' };
    const error =
      lastError === null
        ? new StepError('Receive', 'RunLost')
        : new StepError(lastError.step, lastError.code, { message: lastError.message });
    return { kind: 'threw', error };
  }

  private logEnd(error: unknown): void {
    if (error instanceof AppError)
      this.deps.logger.warn('attempt failed', { code: error.code, message: error.message });
    else this.deps.logger.error('attempt failed unexpectedly', { error });
  }

  private async settle({ end, result }: Outcome): Promise<void> {
    const { retries } = this.claimed;
    const settlement = settleRun(end, retries, this.deps.timings.retryDelaysMs);
    const { logger } = this.deps;
    // The control database may be away longer than anything else: the outcome waits for it, as long as the run is ours.
    const owned = await persist({ logger, isLost: () => this.isLost() }, () => this.write(settlement, end, result));
    logger.info('attempt ended', { as: settlement.kind, owned });
  }

  private write(settlement: Settlement, end: AttemptEnd, result: ImportResult | null): Promise<boolean> {
    switch (settlement.kind) {
      case 'succeed':
        return this.end({
          status: 'succeeded',
          receipt: result?.receipt ?? null,
          error: null,
          notice: result?.notice ?? null,
        });
      case 'cancel':
        return this.publishing
          ? this.handBack('settle', 0)
          : this.end({ status: 'cancelled', error: cancelledError() });
      case 'fail':
        return this.publishing && isUncertain(end)
          ? this.handBack('settle', 0, settlement.error)
          : this.end({ status: 'failed', error: settlement.error });
      case 'retry':
        return this.handBack('retry', settlement.delayMs, settlement.error);
      case 'hand-back':
        return this.handBack('shutdown', 0);
      case 'abandon':
        return Promise.resolve(false);
    }
  }

  private end(end: Pick<RunEnd, 'status' | 'error'> & Partial<RunEnd>): Promise<boolean> {
    const counts = this.tally.snapshot();
    return endRun(this.deps, this.claimed, {
      receipt: null,
      notice: null,
      counts,
      errorGroups: this.failures.list(),
      ...end,
    });
  }

  private handBack(
    reason: 'shutdown' | 'retry' | 'settle',
    delayMs: number,
    error = this.claimed.lastError,
  ): Promise<boolean> {
    return handBackRun(this.deps, this.claimed, { reason, delayMs, error });
  }

  private isLost(): boolean {
    const { reason } = this.controller.signal;
    return reason instanceof RunStopped && reason.reason === 'lost';
  }

  private async pass(stage: AttemptStage): Promise<void> {
    await this.deps.onStage?.(this.claimed.run, stage);
  }
}

/** Whether a publish that ended so may have been committed all the same: the answer of the warehouse did not arrive. */
function isUncertain(end: AttemptEnd): boolean {
  if (end.kind !== 'threw') return false;
  const { error } = end;
  return !(error instanceof AppError) || error.retryable || error.code === 'NoProgress';
}
