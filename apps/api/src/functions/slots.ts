import { AppError } from '@penstock/domain';

/** Whoever would wait behind this many others is told to come back instead. */
const MAX_WAITING = 64;

/** A few places that work takes turns in, in the order in which it asked. */
export class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for a place; what it resolves with gives the place back, once.
   * @throws AppError ServiceUnavailable when there is none in time; the signal's reason when it was aborted for another one.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw whyStopped(signal);
    if (this.#free === 0) await this.#turn(signal);
    else this.#free -= 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#giveBack();
      isTaken = false;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) throw busy();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(go);
        reject(whyStopped(signal));
      };
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** A place goes to who has waited longest, without being free in between. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

function whyStopped({ reason }: AbortSignal): unknown {
  return isTimeout(reason) ? busy() : reason;
}

/** Whether a signal was aborted because an answer takes too long. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

function busy(): AppError {
  return new AppError('ServiceUnavailable', {
    message: 'too many transformation functions are being tried at this moment: try again shortly',
  });
}
