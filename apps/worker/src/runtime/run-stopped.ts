/** Why an attempt was told to stop. `lost` means that somebody else owns the run now, or that it is gone. */
export type StopReason = 'shutdown' | 'cancelled' | 'lost';

/** The reason in the AbortSignal of an attempt that was told to stop. */
export class RunStopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`run stopped: ${reason}`);
    this.name = 'RunStopped';
    this.reason = reason;
  }
}
