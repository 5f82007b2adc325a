import { AppError, type AttemptEnd, type RunError, type Settlement, settleRun, Tally } from '@penstock/domain';
import {
  type ExportStage,
  executeExport,
  executeImport,
  FailureGroups,
  FenceLostError,
  type ImportStage,
  lookUpReceipt,
  type OpenFunction,
  type Receipt,
} from '@penstock/engine';
import { createPipelineLock, type Timings } from '@penstock/shared/platform';
import {
  type ClaimedRun,
  cancelledError,
  claimRun,
  type Dependencies,
  endRun,
  type HandBackReason,
  handBackRun,
} from '@penstock/shared/use-cases';
import type { ActiveAttempts } from './active-attempts.js';
import { openRun, openWarehouse } from './open-run.js';
import { Ownership } from './ownership.js';
import { persist } from './persist.js';
import { type RejectLimits, RejectLog } from './reject-log.js';
import { RunStopped } from './run-stopped.js';
import { Watchdog } from './watchdog.js';

export interface AttemptDependencies extends Dependencies {
  readonly timings: Timings;
  /** Names this worker in the runs that it has. */
  readonly worker: string;
  readonly attempts: ActiveAttempts;
  readonly rejects: RejectLimits;
  /** Told at each point that an attempt passes. */
  readonly onStage?: (run: number, stage: AttemptStage) => void | Promise<void>;
}

/** The points that an import or an export passes. */
export type RunStage = ImportStage | ExportStage;

/** The points that an attempt passes: those of its import or export, after the claim and before the run is settled. */
export type AttemptStage = 'claimed' | RunStage | 'settling' | 'settled';

/** From this point on only the warehouse knows whether the receipt is there. */
const LAST_BEFORE_PUBLISH = { import: 'staged', export: 'sent' } as const satisfies Record<string, RunStage>;

/** What a run waits for to be settled, when no delay of a retry says more. */
const SETTLE_DELAY_MS = 1_000;
/** How long a run that goes on, and one that has ended, wait for their rejects: they are not worth more. */
const REJECTS_PATIENCE_MS = 1_000;
const LAST_REJECTS_PATIENCE_MS = 5_000;

/** Executes one attempt of a run, if its job is not outdated: claim, import, settle. */
export async function runAttempt(
  deps: AttemptDependencies,
  job: { readonly run: number; readonly epoch: number },
): Promise<void> {
  const claimed = await claimRun(deps, { ...job, worker: deps.worker });
  if (claimed === undefined) return;
  const logger = deps.logger.child({ run: claimed.run, epoch: claimed.epoch, pipeline: claimed.pipeline });
  // What only settles a run is not stopped by the cancellation that it may be about.
  const controller = deps.attempts.add(claimed.run, { cancellable: !claimed.settleOnly });
  try {
    await new Attempt(claimed, controller, { ...deps, logger }).execute();
  } finally {
    deps.attempts.delete(claimed.run, controller);
  }
}

/** How an attempt ended, with the receipt when it, or an earlier one, has published. */
interface Outcome {
  readonly end: AttemptEnd;
  readonly receipt: Receipt | null;
}

class Attempt {
  private readonly claimed: ClaimedRun;
  private readonly controller: AbortController;
  private readonly deps: AttemptDependencies;
  private readonly tally = new Tally();
  private failures = new FailureGroups();
  private readonly rejects: RejectLog;
  /** Whether the publish has begun: from then on only the warehouse knows whether it happened. */
  private publishing = false;
  /** Whether the warehouse was asked what earlier attempts have published. */
  private lookedUp = false;

  constructor(claimed: ClaimedRun, controller: AbortController, deps: AttemptDependencies) {
    this.claimed = claimed;
    this.controller = controller;
    this.deps = deps;
    this.rejects = new RejectLog(claimed, { ...deps, limits: deps.rejects });
  }

  async execute(): Promise<void> {
    const { database, redis, redisPrefix, timings, logger } = this.deps;
    const lock = createPipelineLock(redis, { prefix: redisPrefix, ttlMs: timings.lockTtlMs });
    const { controller } = this;
    const tally = this.claimed.settleOnly ? null : this.tally;
    const onBeat = (): void => void this.rejects.flush(REJECTS_PATIENCE_MS);
    const ownership = new Ownership(this.claimed, { database, lock, timings, logger, tally, controller, onBeat });
    await ownership.start();
    try {
      const outcome = await this.perform();
      await this.pass('settling');
      await this.settle(outcome);
      await this.pass('settled');
    } finally {
      await ownership.stop();
    }
  }

  private async perform(): Promise<Outcome> {
    const watchdog = new Watchdog(this.controller, this.deps.timings);
    try {
      await this.pass('claimed');
      const receipt = await (this.claimed.settleOnly ? this.lookUp() : this.run(watchdog));
      return receipt === null ? this.nothingPublished() : { end: { kind: 'published' }, receipt };
    } catch (error) {
      return { end: this.endOf(error), receipt: null };
    } finally {
      watchdog.stop();
    }
  }

  private run(watchdog: Watchdog): Promise<Receipt> {
    const open = openRun(this.deps, this.claimed);
    const onStage = (stage: RunStage): Promise<void> => this.reach(stage, open.way, watchdog);
    const { tally, failures, rejects } = this;
    const { signal } = this.controller;
    const openFunction: OpenFunction = (program) => this.deps.functions.open(program);
    const common = { warehouse: open.warehouse, openFunction, signal, tally, failures, rejects, onStage };
    if (open.way === 'export') return executeExport(open.assignment, { ...common, destination: open.destination });
    const onProgress = (): void => watchdog.touch();
    return executeImport(open.assignment, { ...common, source: open.source, onProgress });
  }

  /** A point of an import or an export was reached. */
  private async reach(stage: RunStage, way: 'import' | 'export', watchdog: Watchdog): Promise<void> {
    const isPublishing = stage === LAST_BEFORE_PUBLISH[way];
    watchdog.progress(isPublishing ? 'publishing' : 'working');
    if (stage === 'fenced') this.lookedUp = true;
    if (stage === 'opened' && this.claimed.mayBePublished) this.rejects.voidEarlier();
    if (isPublishing) {
      this.publishing = true;
      // Whoever settles a run that has published finds the rejects here, and nowhere else.
      await this.rejects.flush(REJECTS_PATIENCE_MS);
    }
    await this.pass(stage);
  }

  /** What earlier attempts have published; the warehouse is only asked when they may have. */
  private async lookUp(): Promise<Receipt | null> {
    if (!this.claimed.mayBePublished) return null;
    const receipt = await lookUpReceipt(this.claimed, openWarehouse(this.deps, this.claimed), this.controller.signal);
    this.lookedUp = true;
    await this.pass('fenced');
    return receipt;
  }

  /** The run ends as what led to its being settled says. */
  private nothingPublished(): Outcome {
    const { cancelRequested, lastError } = this.claimed;
    const error = lastError ?? runLost('the run was lost by its worker too many times');
    const end: AttemptEnd = cancelRequested ? { kind: 'stopped', reason: 'cancelled' } : { kind: 'gave-up', error };
    return { end, receipt: null };
  }

  private endOf(error: unknown): AttemptEnd {
    if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
    if (error instanceof FenceLostError) return this.endOfLostFence(error);
    if (error instanceof AppError) {
      this.deps.logger.warn('attempt failed', { code: error.code, message: error.message });
    } else {
      this.deps.logger.error('attempt failed unexpectedly', { error });
    }
    return { kind: 'threw', error };
  }

  /**
   * Somebody else has the fence: the one who took the run over, and then nothing is written here. A run that keeps meeting it
   * has no such successor: Penstock's own database is behind the warehouse, as after a restore.
   */
  private endOfLostFence(error: FenceLostError): AttemptEnd {
    if (!this.claimed.settleOnly) return { kind: 'stopped', reason: 'lost' };
    this.deps.logger.error('the data warehouse has seen a later run of the pipeline', { message: error.message });
    const message = 'the data warehouse has seen a later run of this pipeline; was the control database restored?';
    return { kind: 'gave-up', error: runLost(message) };
  }

  private async settle({ end, receipt }: Outcome): Promise<void> {
    const { logger, timings } = this.deps;
    const settlement = settleRun(end, this.claimed.retries, timings.retryDelaysMs);
    await this.rejects.flush(REJECTS_PATIENCE_MS);
    // The control database may be away longer than anything else: the outcome waits for it, as long as the run is ours.
    const owned = await persist(
      { logger, isLost: () => this.isLost() },
      () => this.write(settlement, end, receipt),
      () => this.writeBare(settlement, end, receipt),
    );
    if (owned) await this.rejects.flush(LAST_REJECTS_PATIENCE_MS);
    logger.info('attempt ended', { as: settlement.kind, owned });
  }

  /** The same outcome without the texts of single records, the only part of it that a database can take offence at. */
  private writeBare(settlement: Settlement, end: AttemptEnd, receipt: Receipt | null): Promise<boolean> {
    this.failures = new FailureGroups();
    return this.write(settlement, end, receipt && { ...receipt, report: null });
  }

  private write(settlement: Settlement, end: AttemptEnd, receipt: Receipt | null): Promise<boolean> {
    switch (settlement.kind) {
      case 'succeed':
        return this.end({ status: 'succeeded', receipt });
      case 'cancel':
        return this.mayBePublished(end)
          ? this.handBack('settle', end, 0)
          : this.end({ status: 'cancelled', error: cancelledError() });
      case 'fail':
        return this.fail(end, settlement.error);
      case 'retry':
        return this.claimed.settleOnly
          ? this.settleLater(end, settlement.error)
          : this.handBack('retry', end, settlement.delayMs, settlement.error);
      case 'hand-back':
        return this.handBack('shutdown', end, 0);
      case 'abandon':
        return Promise.resolve(false);
    }
  }

  /** A run whose attempts may have published is never ended as failed before the warehouse was asked. */
  private fail(end: AttemptEnd, error: RunError): Promise<boolean> {
    if (this.claimed.settleOnly && isRetryable(end)) return this.settleLater(end, error);
    if (!this.claimed.settleOnly && this.mayBePublished(end)) return this.handBack('settle', end, 0, error);
    return this.end({ status: 'failed', error: this.claimed.settleOnly ? (this.claimed.lastError ?? error) : error });
  }

  private settleLater(end: AttemptEnd, error: RunError): Promise<boolean> {
    const delayMs = this.deps.timings.retryDelaysMs.at(-1) ?? SETTLE_DELAY_MS;
    return this.handBack('settle', end, delayMs, this.claimed.lastError ?? error);
  }

  private end(
    end: Partial<Parameters<typeof endRun>[2]> & { readonly status: 'succeeded' | 'failed' | 'cancelled' },
  ): Promise<boolean> {
    return endRun(this.deps, this.claimed, {
      receipt: null,
      error: null,
      counts: this.claimed.settleOnly ? null : this.tally.snapshot(),
      errorGroups: this.failures.list(),
      ...end,
    });
  }

  private handBack(
    reason: HandBackReason,
    end: AttemptEnd,
    delayMs: number,
    error = this.claimed.lastError,
  ): Promise<boolean> {
    const own = this.claimed.settleOnly ? {} : { counts: this.tally.snapshot(), errorGroups: this.failures.list() };
    return handBackRun(this.deps, this.claimed, {
      reason,
      delayMs,
      error,
      mayBePublished: this.mayBePublished(end),
      ...own,
    });
  }

  /** Whether only the warehouse knows if this attempt or one before it has published. */
  private mayBePublished(end: AttemptEnd): boolean {
    return (this.publishing && isUncertain(end)) || (this.claimed.mayBePublished && !this.lookedUp);
  }

  private isLost(): boolean {
    const { reason } = this.controller.signal;
    return reason instanceof RunStopped && reason.reason === 'lost';
  }

  private async pass(stage: AttemptStage): Promise<void> {
    await this.deps.onStage?.(this.claimed.run, stage);
  }
}

function runLost(message: string): RunError {
  return { code: 'RunLost', step: 'Receive', message };
}

function isRetryable(end: AttemptEnd): boolean {
  return end.kind === 'threw' && end.error instanceof AppError && end.error.retryable;
}

/** Whether a publish that ended so may have been committed all the same: the answer of the warehouse did not arrive. */
function isUncertain(end: AttemptEnd): boolean {
  if (end.kind === 'stopped') return true;
  if (end.kind !== 'threw') return false;
  return !(end.error instanceof AppError) || end.error.retryable || end.error.code === 'NoProgress';
}
