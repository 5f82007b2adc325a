import { AppError, stopSignal } from '@penstock/domain';
import type { FunctionSandbox, FunctionSandboxes } from '@penstock/functions';
import { isTimeout, type SlotLimits, Slots } from './slots.js';

/**
 * The sandboxes that workspaces share, of which only a few run at a time, one for each workspace, so that functions that are tried
 * leave the api the time to answer others, and workspaces leave each other turns. A function is started with its first batch, when
 * its turn has come: with a signal that ends before, that batch is refused with ServiceUnavailable.
 */
export function limitSandboxes(
  sandboxes: FunctionSandboxes,
  limits: SlotLimits,
): (workspace: number) => FunctionSandboxes {
  const slots = new Slots(limits);
  return (workspace) => ({
    languages: sandboxes.languages,
    open: (program) => {
      // Refused by who knows why; nothing is started for it.
      if (!sandboxes.languages.includes(program.language)) return sandboxes.open(program);
      const turn = (signal: AbortSignal) => slots.take(workspace, signal);
      return new LimitedSandbox(turn, () => sandboxes.open(program));
    },
  });
}

/** Waits for a place; what it resolves with gives the place back. */
type Turn = (signal: AbortSignal) => Promise<() => void>;

class LimitedSandbox implements FunctionSandbox {
  readonly #turn: Turn;
  readonly #open: () => FunctionSandbox;
  readonly #closing = new AbortController();
  #opened: Promise<FunctionSandbox> | undefined;
  #release: (() => void) | undefined;

  constructor(turn: Turn, open: () => FunctionSandbox) {
    this.#turn = turn;
    this.#open = open;
  }

  async run(batch: string, signal: AbortSignal): Promise<string> {
    this.#opened ??= this.#start(signal);
    const sandbox = await this.#opened;
    try {
      return await sandbox.run(batch, signal);
    } catch (error) {
      if (!isTimeout(error)) throw error;
      throw new AppError('ServiceUnavailable', {
        message: 'the transformation function did not end within the time of a request: try it with fewer records',
        cause: error,
      });
    }
  }

  /** The thread has ended when the next one may begin. */
  async close(): Promise<void> {
    this.#closing.abort();
    const sandbox = await this.#opened?.catch(() => undefined);
    await sandbox?.close();
    this.#release?.();
  }

  async #start(signal: AbortSignal): Promise<FunctionSandbox> {
    const stop = stopSignal([signal, this.#closing.signal]);
    try {
      this.#release = await this.#turn(stop.signal);
    } finally {
      stop.release();
    }
    return this.#open();
  }
}
