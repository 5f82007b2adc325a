import type { Redis } from '@penstock/shared/platform';
import type { ClientRateLimitInfo, Store } from 'express-rate-limit';

export const WINDOW_MS = 60_000;
const SYNC_EVERY_MS = 200;

interface Count {
  readonly window: number;
  readonly resetTime: Date;
  /** Requests of all processes, as of the last synchronisation. */
  known: number;
  /** Requests of this process that Redis does not know yet. */
  unsent: number;
}

/**
 * Counts requests a minute in memory and adds them up in Redis every 200 ms: no request waits for Redis. The price is exactness:
 * all processes together may let through what the others counted within the last 200 ms. While Redis is away each process
 * counts by itself, and no request is refused for that.
 */
export class RateLimitStore implements Store {
  readonly localKeys = false;
  readonly #counts = new Map<string, Count>();
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #timer: NodeJS.Timeout;
  #syncing: Promise<void> | undefined;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = `${prefix}:rate`;
    this.#timer = setInterval(() => void this.sync(), SYNC_EVERY_MS);
    this.#timer.unref();
  }

  increment(key: string): ClientRateLimitInfo {
    const count = this.#current(key);
    count.unsent++;
    return { totalHits: count.known + count.unsent, resetTime: count.resetTime };
  }

  decrement(key: string): void {
    this.#current(key).unsent--;
  }

  resetKey(key: string): void {
    this.#counts.delete(key);
  }

  /** Tells Redis what was counted here and learns what was counted elsewhere. Never rejects. */
  sync(): Promise<void> {
    this.#syncing ??= this.#exchange()
      .catch(() => undefined)
      .finally(() => {
        this.#syncing = undefined;
      });
    return this.#syncing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#syncing;
  }

  #current(key: string): Count {
    const window = Math.floor(Date.now() / WINDOW_MS);
    const found = this.#counts.get(key);
    if (found?.window === window) return found;
    const count = { window, resetTime: new Date((window + 1) * WINDOW_MS), known: 0, unsent: 0 };
    this.#counts.set(key, count);
    return count;
  }

  async #exchange(): Promise<void> {
    const now = Math.floor(Date.now() / WINDOW_MS);
    for (const [key, { window }] of this.#counts) if (window < now) this.#counts.delete(key);
    const sent = [...this.#counts]
      .filter(([, { unsent }]) => unsent > 0)
      .map(([key, count]) => ({ key, count, hits: count.unsent }));
    if (sent.length === 0) return;
    const batch = this.#redis.pipeline();
    for (const { key, count, hits } of sent) {
      const name = `${this.#prefix}:${key}:${count.window}`;
      batch.incrby(name, hits).pexpire(name, 2 * WINDOW_MS);
    }
    const replies = (await batch.exec()) ?? [];
    for (const [index, { count, hits }] of sent.entries()) {
      const [error, total] = replies[2 * index] ?? [new Error('no reply')];
      if (error !== null) continue;
      count.known = Number(total);
      count.unsent -= hits;
    }
  }
}
