import { StepError } from '@penstock/domain';

export interface WatchdogLimits {
  readonly noProgressMs: number;
  readonly publishMs: number;
}

/** Ends an attempt that makes no progress: a source or a warehouse that hangs must not hold a pipeline for ever. */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private readonly controller: AbortController;
  private readonly limits: WatchdogLimits;

  constructor(controller: AbortController, limits: WatchdogLimits) {
    this.controller = controller;
    this.limits = limits;
    this.restart('Receive', limits.noProgressMs);
  }

  /** A stage was reached, or another batch staged or written: the time starts anew. A publish has a time of its own. */
  progress(at: 'working' | 'publishing'): void {
    const publishing = at === 'publishing';
    this.restart(publishing ? 'Finalize' : 'Receive', publishing ? this.limits.publishMs : this.limits.noProgressMs);
  }

  /** Something was transferred. */
  touch(): void {
    this.restart('Receive', this.limits.noProgressMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private restart(step: 'Receive' | 'Finalize', limitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const message =
        step === 'Finalize'
          ? `the data warehouse did not publish the run within ${seconds(limitMs)}`
          : `no record was read or written for ${seconds(limitMs)}; see whether the data warehouse hangs, or the other side of the pipeline`;
      this.controller.abort(new StepError(step, 'NoProgress', { message }));
    }, limitMs);
    this.timer.unref();
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
