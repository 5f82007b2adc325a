import { setImmediate as turn } from 'node:timers/promises';
import type { PathPattern } from './path-pattern.js';

/** A millisecond with a large pattern, and some with a small one. */
const WORK_PER_TURN = 250_000;

/** Sees to it that comparing many names with a pattern neither keeps others waiting nor goes on when nobody wants it any more. */
export class SearchTurns {
  readonly #pattern: PathPattern;
  readonly #signal: AbortSignal;
  #end: number;

  constructor(pattern: PathPattern, signal: AbortSignal) {
    this.#pattern = pattern;
    this.#signal = signal;
    this.#end = pattern.work + WORK_PER_TURN;
  }

  /** Whether it is the turn of others. */
  get due(): boolean {
    return this.#pattern.work >= this.#end;
  }

  /** Lets others go first. Throws the reason of the signal. */
  async take(): Promise<void> {
    await turn();
    this.#signal.throwIfAborted();
    this.#end = this.#pattern.work + WORK_PER_TURN;
  }
}
