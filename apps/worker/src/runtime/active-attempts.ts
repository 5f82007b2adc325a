import { RunStopped, type StopReason } from './run-stopped.js';

/** The attempts that this worker is at, by run, so that they can be told to stop. */
export class ActiveAttempts {
  private readonly controllers = new Map<number, AbortController>();
  private stopping = false;

  /** Registers an attempt. Once the worker is stopping, it is told so at once. */
  add(run: number): AbortController {
    const controller = new AbortController();
    this.controllers.set(run, controller);
    if (this.stopping) controller.abort(new RunStopped('shutdown'));
    return controller;
  }

  delete(run: number, controller: AbortController): void {
    if (this.controllers.get(run) === controller) this.controllers.delete(run);
  }

  /** Tells the attempt at a run to stop, if this worker is at it. */
  stop(run: number, reason: StopReason): void {
    this.controllers.get(run)?.abort(new RunStopped(reason));
  }

  /** Tells all attempts, and those to come, that the worker is stopping. */
  stopAll(): void {
    this.stopping = true;
    for (const controller of this.controllers.values()) controller.abort(new RunStopped('shutdown'));
  }
}
