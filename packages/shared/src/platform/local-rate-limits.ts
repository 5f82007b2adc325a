/** A rate of requests, as the connectors of applications ask for it. */
export interface SharedRate {
  /** Who shares it. */
  readonly name: string;
  /** Requests a second, on average. */
  readonly perSecond: number;
  /** Requests that may go at once, at least 1. */
  readonly burst: number;
}

/** A rate of this process alone. */
interface LocalRate {
  /** Up to when the rate is used, in milliseconds of the monotonic clock: requests of a burst are borrowed from what comes later. */
  usedUntilMs: number;
  pausedUntilMs: number;
}

const MAX_RATES = 1_000;

/** What a process may ask by itself, whatever other processes do. */
export class LocalRateLimits {
  readonly #rates = new Map<string, LocalRate>();

  /** Takes a request: 0, or after how many milliseconds it is worth asking again. */
  take({ name, perSecond, burst }: SharedRate): number {
    const now = performance.now();
    const rate = this.#rate(name);
    if (rate.pausedUntilMs > now) return rate.pausedUntilMs - now;
    const intervalMs = 1_000 / perSecond;
    const usedUntilMs = Math.max(rate.usedUntilMs, now);
    const waitMs = usedUntilMs - (burst - 1) * intervalMs - now;
    if (waitMs > 0) return waitMs;
    rate.usedUntilMs = usedUntilMs + intervalMs;
    return 0;
  }

  pause({ name }: SharedRate, durationMs: number): void {
    const rate = this.#rate(name);
    rate.pausedUntilMs = Math.max(rate.pausedUntilMs, performance.now() + durationMs);
  }

  #rate(name: string): LocalRate {
    const known = this.#rates.get(name);
    if (known !== undefined) return known;
    if (this.#rates.size >= MAX_RATES) this.#forgetUnused();
    const rate = { usedUntilMs: 0, pausedUntilMs: 0 };
    this.#rates.set(name, rate);
    return rate;
  }

  /** A rate of which nothing is used is as good as one that never was. */
  #forgetUnused(): void {
    const now = performance.now();
    for (const [name, { usedUntilMs, pausedUntilMs }] of this.#rates) {
      if (usedUntilMs <= now && pausedUntilMs <= now) this.#rates.delete(name);
    }
  }
}
