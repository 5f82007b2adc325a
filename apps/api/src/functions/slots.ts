import { AppError } from '@penstock/domain';

/** How many places there are, and how many may wait for one: in all, and of one owner. */
export interface SlotLimits {
  readonly places: number;
  readonly waiting: number;
  readonly waitingPerOwner: number;
}

interface Waiting {
  readonly owner: number;
  readonly go: () => void;
}

/**
 * A few places that work takes turns in, in the order in which it asked. An owner has one of them at a time, so that nobody can
 * take all: who comes later and has none goes first.
 */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #owners = new Set<number>();
  readonly #waiting = new Set<Waiting>();

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a place; what it resolves with gives the place back, once.
   * @throws AppError ServiceUnavailable when there is none in time, or too many wait already; the signal's reason when it was
   *   aborted for another one.
   */
  async take(owner: number, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw whyStopped(signal);
    if (this.#isFreeFor(owner)) this.#owners.add(owner);
    else await this.#turn(owner, signal);
    let isTaken = true;
    return () => {
      if (isTaken) this.#giveBack(owner);
      isTaken = false;
    };
  }

  #isFreeFor(owner: number): boolean {
    return this.#owners.size < this.#limits.places && !this.#owners.has(owner);
  }

  #turn(owner: number, signal: AbortSignal): Promise<void> {
    if (this.#isFull(owner)) throw busy();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(waiting);
        reject(whyStopped(signal));
      };
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const waiting: Waiting = { owner, go };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  #isFull(owner: number): boolean {
    if (this.#waiting.size >= this.#limits.waiting) return true;
    return [...this.#waiting].filter((other) => other.owner === owner).length >= this.#limits.waitingPerOwner;
  }

  /** A place goes to who has waited longest of those who have none, without being free in between. */
  #giveBack(owner: number): void {
    this.#owners.delete(owner);
    const next = [...this.#waiting].find((waiting) => this.#isFreeFor(waiting.owner));
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#owners.add(next.owner);
    next.go();
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
