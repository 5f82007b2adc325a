import { RunStopped } from './run-stopped.js';

interface ActiveAttempt {
  readonly controller: AbortController;
  readonly cancellable: boolean;
}

/** The attempts that this worker is at, by run, so that they can be told to stop. */
export class ActiveAttempts {
  private readonly attempts = new Map<number, ActiveAttempt>();
  private readonly stop = new AbortController();

  /** Aborted once the worker is stopping. */
  get stopping(): AbortSignal {
    return this.stop.signal;
  }

  /** Registers an attempt. Once the worker is stopping, it is told so at once. */
  add(run: number, { cancellable }: { readonly cancellable: boolean }): AbortController {
    const controller = new AbortController();
    this.attempts.set(run, { controller, cancellable });
    if (this.stopping.aborted) controller.abort(new RunStopped('shutdown'));
    return controller;
  }

  delete(run: number, controller: AbortController): void {
    if (this.attempts.get(run)?.controller === controller) this.attempts.delete(run);
  }

  /** Does work that nobody can cancel but the worker that is stopping: what is no attempt at a run. */
  async untilStopping<Result>(
    reason: unknown,
    work: (controller: AbortController) => Promise<Result>,
  ): Promise<Result> {
    const controller = new AbortController();
    const stop = (): void => controller.abort(reason);
    this.stopping.addEventListener('abort', stop, { once: true });
    if (this.stopping.aborted) stop();
    try {
      return await work(controller);
    } finally {
      this.stopping.removeEventListener('abort', stop);
    }
  }

  /** Tells the attempt at a run that the run is cancelled, if this worker is at it. */
  cancel(run: number): void {
    const attempt = this.attempts.get(run);
    if (attempt?.cancellable) attempt.controller.abort(new RunStopped('cancelled'));
  }

  /** Tells everything that is under way, and is to come, that the worker is stopping. */
  stopAll(): void {
    this.stop.abort(new RunStopped('shutdown'));
    for (const { controller } of this.attempts.values()) controller.abort(new RunStopped('shutdown'));
  }
}
