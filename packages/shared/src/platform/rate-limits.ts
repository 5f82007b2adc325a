import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@penstock/domain';
import { LocalRateLimits, type SharedRate } from './local-rate-limits.js';
import { type Redis, readScript } from './redis.js';

const TAKE = readScript('take-rate-limit');
const PAUSE = readScript('pause-rate-limit');

const ANSWER_WITHIN_MS = 500;
/** How long a Redis that was away is not asked: otherwise each request would wait for it. */
const ASK_AGAIN_AFTER_MS = 2_000;
/** A pause may be shortened by nobody, but a rate may be free again earlier than a long wait ends. */
const MAX_WAIT_MS = 5_000;
const MICROSECONDS = 1_000_000;
const SECOND_MS = 1_000;
/** Whoever would have to wait for longer is sent away: a run that does nothing for minutes is taken for one that hangs. */
const MAX_PATIENCE_MS = 2 * 60_000;
/** Where a rate is slower than that, so many requests before one's own are no reason to go. */
const PATIENT_REQUESTS = 5;

export interface RateLimitsOptions {
  readonly prefix: string;
  /** A Redis that does not answer for this long is away; 500 where absent. */
  readonly answerWithinMs?: number;
}

/** What the port of the connectors asks for: see `RateLimits` there. */
export interface SharedRateLimits {
  take(limit: SharedRate, signal: AbortSignal): Promise<void>;
  pause(limit: SharedRate, durationMs: number): Promise<void>;
}

/**
 * Rate limits in Redis. Each process also keeps the rate by itself, before it asks Redis: so it is kept while Redis is away, and nothing
 * is taken twice when it comes and goes.
 */
export function createRateLimits(redis: Redis, options: RateLimitsOptions): SharedRateLimits {
  const local = new LocalRateLimits();
  const shared = new RedisRates(redis, options);
  return {
    take: async (limit, signal) => {
      const turn = { limit, signal, startedAt: performance.now() };
      await untilFree(() => local.take(limit), turn);
      await untilFree(() => shared.take(limit), turn);
    },
    pause: async (limit, durationMs) => {
      local.pause(limit, durationMs);
      await shared.pause(limit, durationMs);
    },
  };
}

interface Turn {
  readonly limit: SharedRate;
  readonly signal: AbortSignal;
  /** On the monotonic clock. */
  readonly startedAt: number;
}

/** Asks until the answer is 0, and waits as long as the answers say, but not for longer than anybody should. */
async function untilFree(ask: () => number | Promise<number>, turn: Turn): Promise<void> {
  const { signal } = turn;
  for (;;) {
    signal.throwIfAborted();
    const waitMs = await orAborted(ask(), signal);
    if (waitMs === 0) return;
    checkPatience(turn, waitMs);
    // The reason of the signal is thrown above.
    await sleep(Math.min(Math.ceil(waitMs), MAX_WAIT_MS), undefined, { signal }).catch(() => undefined);
  }
}

/** Throws AppError `SourceUnavailable`, as layers below the connectors do. */
function checkPatience({ limit, startedAt }: Turn, waitMs: number): void {
  const intervalMs = SECOND_MS / limit.perSecond;
  const patienceMs = Math.max(MAX_PATIENCE_MS, PATIENT_REQUESTS * intervalMs);
  // What is longer than the rate asks for is a pause.
  const isPause = waitMs > intervalMs;
  if (performance.now() - startedAt + waitMs <= (isPause ? MAX_PATIENCE_MS : patienceMs)) return;
  const why = isPause
    ? `the application asked to be left alone for another ${Math.ceil(waitMs / SECOND_MS)} seconds`
    : `others use up the ${limit.perSecond} requests a second that the application allows`;
  throw new AppError('SourceUnavailable', { message: `${why}: try again later` });
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
  readonly #answerWithinMs: number;
  #askAgainAtMs = 0;

  constructor(redis: Redis, { prefix, answerWithinMs = ANSWER_WITHIN_MS }: RateLimitsOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#answerWithinMs = answerWithinMs;
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
    const late = sleep(this.#answerWithinMs, null, { signal: timer.signal });
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
