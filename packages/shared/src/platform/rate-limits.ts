import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalRateLimits, type SharedRate } from './local-rate-limits.js';
import { type Redis, readScript } from './redis.js';

const TAKE = readScript('take-rate-limit');
const PAUSE = readScript('pause-rate-limit');

/** A Redis that does not answer for this long is away. */
const ANSWER_WITHIN_MS = 500;
/** How long a Redis that was away is not asked: otherwise each request would wait for it. */
const ASK_AGAIN_AFTER_MS = 2_000;
/** A pause may be shortened by nobody, but a rate may be free again earlier than a long wait ends. */
const MAX_WAIT_MS = 5_000;
const MICROSECONDS = 1_000_000;

/** What the port of the connectors asks for: see `RateLimits` there. */
export interface SharedRateLimits {
  take(limit: SharedRate, signal: AbortSignal): Promise<void>;
  pause(limit: SharedRate, durationMs: number): Promise<void>;
}

/**
 * Rate limits in Redis. Each process also keeps the rate by itself, before it asks Redis: so it is kept while Redis is away, and nothing
 * is taken twice when it comes and goes.
 */
export function createRateLimits(redis: Redis, { prefix }: { readonly prefix: string }): SharedRateLimits {
  const local = new LocalRateLimits();
  const shared = new RedisRates(redis, prefix);
  return {
    take: async (limit, signal) => {
      await untilFree(() => local.take(limit), signal);
      await untilFree(() => shared.take(limit), signal);
    },
    pause: async (limit, durationMs) => {
      local.pause(limit, durationMs);
      await shared.pause(limit, durationMs);
    },
  };
}

/** Asks until the answer is 0, and waits as long as the answers say. */
async function untilFree(ask: () => number | Promise<number>, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const waitMs = await orAborted(ask(), signal);
    if (waitMs === 0) return;
    // The reason of the signal is thrown above.
    await sleep(Math.min(Math.ceil(waitMs), MAX_WAIT_MS), undefined, { signal }).catch(() => undefined);
  }
}

/** What comes first; an aborted signal rejects with its reason. */
async function orAborted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  if (!(work instanceof Promise)) return work;
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The rates in Redis. While it is away they let everything through. */
class RedisRates {
  readonly #redis: Redis;
  readonly #prefix: string;
  #askAgainAtMs = 0;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async take({ name, perSecond, burst }: SharedRate): Promise<number> {
    const key = this.#key(name);
    const intervalUs = Math.ceil(MICROSECONDS / perSecond);
    return (
      (await this.#answer(() => this.#redis.eval(TAKE, 2, key, `${key}:pause`, intervalUs, Math.floor(burst)))) ?? 0
    );
  }

  async pause({ name }: SharedRate, durationMs: number): Promise<void> {
    const wantedMs = Math.ceil(durationMs);
    if (wantedMs > 0) await this.#answer(() => this.#redis.eval(PAUSE, 1, `${this.#key(name)}:pause`, wantedMs));
  }

  #key(name: string): string {
    return `${this.#prefix}:rate:${name}`;
  }

  /** A client without a connection would keep commands for later, and send them all at once; the first one is waited for. */
  async #whenReady(): Promise<boolean> {
    const redis = this.#redis;
    if (redis.status === 'connecting' || redis.status === 'connect') await once(redis, 'ready');
    return redis.status === 'ready';
  }

  /** null: Redis is away. A command that waits for it must not be what everybody waits for. */
  async #answer(ask: () => Promise<unknown>): Promise<number | null> {
    if (performance.now() < this.#askAgainAtMs) return null;
    const timer = new AbortController();
    const late = sleep(ANSWER_WITHIN_MS, null, { signal: timer.signal });
    try {
      const answer = await Promise.race([this.#whenReady().then((ready) => (ready ? ask() : null)), late]);
      if (answer !== null) return Number(answer);
    } catch {
      // Refused or cut off: the same as no answer.
    } finally {
      timer.abort();
      late.catch(() => undefined);
    }
    this.#askAgainAtMs = performance.now() + ASK_AGAIN_AFTER_MS;
    return null;
  }
}
