import { AppError, Tally, toRunError } from '@penstock/domain';
import {
  type DryRunResult,
  executeDryExport,
  executeDryImport,
  FailureGroups,
  type OpenFunction,
  type RejectSink,
} from '@penstock/engine';
import type { DryRunOutcome } from '@penstock/shared/contracts';
import { beatDryRun, type ClaimedDryRun, claimDryRun, endDryRun, handBackDryRun } from '@penstock/shared/use-cases';
import type { AttemptDependencies } from './attempt.js';
import { type OpenRun, openRun } from './open-run.js';
import { repeat } from './repeat.js';
import { RunStopped } from './run-stopped.js';
import { Watchdog } from './watchdog.js';

/** A dry run shows how many failed and why; the records themselves are kept of runs only. */
const NO_REJECTS: RejectSink = { isFull: true, add: () => undefined };

/** Executes a dry run, if nobody else has taken it. */
export async function runDry(deps: AttemptDependencies, dryRun: number): Promise<void> {
  const claimed = await claimDryRun(deps, dryRun);
  if (claimed === undefined) return;
  const logger = deps.logger.child({ dryRun, pipeline: claimed.pipeline });
  await deps.attempts.untilStopping(new RunStopped('shutdown'), (controller) =>
    new DryRun(claimed, controller, { ...deps, logger }).execute(),
  );
}

class DryRun {
  private readonly claimed: ClaimedDryRun;
  private readonly controller: AbortController;
  private readonly deps: AttemptDependencies;
  private readonly tally = new Tally();
  private readonly failures = new FailureGroups();

  constructor(claimed: ClaimedDryRun, controller: AbortController, deps: AttemptDependencies) {
    this.claimed = claimed;
    this.controller = controller;
    this.deps = deps;
  }

  async execute(): Promise<void> {
    const { timings, logger } = this.deps;
    const heart = repeat({ name: 'heartbeat of a dry run', everyMs: timings.heartbeatMs, logger }, () => this.beat());
    const watchdog = new Watchdog(this.controller, timings);
    try {
      await this.end(await this.look(watchdog), null);
    } catch (error) {
      await this.endWith(error);
    } finally {
      watchdog.stop();
      await heart.stop();
    }
  }

  private async beat(): Promise<void> {
    const owned = await beatDryRun(this.deps, this.claimed, this.tally.snapshot());
    if (!owned) this.controller.abort(new RunStopped('lost'));
  }

  private async look(watchdog: Watchdog): Promise<DryRunOutcome> {
    const { claimed } = this;
    const open = openRun(this.deps, { ...claimed, run: claimed.dryRun, allowRemoval: false });
    const { added, changed, unchanged, removed, merged, notice } = await this.execution(open, watchdog);
    return { added, changed, unchanged, removed, merged, rejected: this.rejected(), notice };
  }

  private execution(open: OpenRun, watchdog: Watchdog): Promise<DryRunResult> {
    const { tally, failures } = this;
    const { signal } = this.controller;
    const openFunction: OpenFunction = (program) => this.deps.functions.open(program);
    const onStage = (): void => watchdog.progress('working');
    const common = { warehouse: open.warehouse, openFunction, signal, tally, failures, rejects: NO_REJECTS, onStage };
    if (open.way === 'export') {
      return executeDryExport(open.assignment, { ...common, destination: open.destination });
    }
    const onProgress = (): void => watchdog.touch();
    return executeDryImport(open.assignment, { ...common, source: open.source, onProgress });
  }

  /** What the filter drops is not among the failures. */
  private rejected(): number {
    return this.failures.list().reduce((total, { count }) => total + count, 0);
  }

  private async end(outcome: DryRunOutcome | null, error: Parameters<typeof endDryRun>[2]['error']): Promise<void> {
    const counts = this.tally.snapshot();
    await endDryRun(this.deps, this.claimed, { counts, failures: this.failures.list(), outcome, error });
    this.deps.logger.info('dry run ended', { as: error === null ? 'succeeded' : error.code });
  }

  private async endWith(error: unknown): Promise<void> {
    if (error instanceof RunStopped) {
      if (error.reason === 'shutdown') await handBackDryRun(this.deps, this.claimed);
      return;
    }
    if (!(error instanceof AppError)) this.deps.logger.error('dry run failed unexpectedly', { error });
    await this.end(null, toRunError(error));
  }
}
