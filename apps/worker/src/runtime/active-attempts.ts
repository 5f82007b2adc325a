import { RunStopped } from './run-stopped.js';

interface ActiveAttempt {
  readonly controller: AbortController;
  readonly cancellable: boolean;
}

/** The attempts that this worker is at, by run, so that they can be told to stop. */
export class ActiveAttempts {
  private readonly attempts = new Map<number, ActiveAttempt>();
  private stopping = false;

  /** Registers an attempt. Once the worker is stopping, it is told so at once. */
  add(run: number, { cancellable }: { readonly cancellable: boolean }): AbortController {
    const controller = new AbortController();
    this.attempts.set(run, { controller, cancellable });
    if (this.stopping) controller.abort(new RunStopped('shutdown'));
    return controller;
  }

  delete(run: number, controller: AbortController): void {
    if (this.attempts.get(run)?.controller === controller) this.attempts.delete(run);
  }

  /** Tells the attempt at a run that the run is cancelled, if this worker is at it. */
  cancel(run: number): void {
    const attempt = this.attempts.get(run);
    if (attempt?.cancellable) attempt.controller.abort(new RunStopped('cancelled'));
  }

  /** Tells all attempts, and those to come, that the worker is stopping. */
  stopAll(): void {
    this.stopping = true;
    for (const { controller } of this.attempts.values()) controller.abort(new RunStopped('shutdown'));
  }
}
