/** How requests are tried again. */
export interface RetryTimings {
  /** Of the first wait; each further one is twice as long. */
  readonly firstWaitMs: number;
  /** Tries of a request in all. */
  readonly maxTries: number;
  /** For tries and our own waits; what the application asks for does not count. */
  readonly maxTotalMs: number;
}

export const RETRY_TIMINGS: RetryTimings = { firstWaitMs: 500, maxTries: 5, maxTotalMs: 120_000 };

/** Longest time that everybody leaves an application alone, whatever it asks for. */
export const MAX_ASKED_WAIT_MS = 20 * 60_000;

/** Longest time that a request waits for the application: a run that waits longer gives its place to others, and is tried again. */
export const MAX_PATIENCE_MS = 2 * 60_000;

/** Of a 429 that does not say for how long, or not for that long. */
const DEFAULT_PAUSE_MS = 1_000;

const WORTH_REPEATING: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);
const ASKED_TOO_OFTEN = 429;
const UNAVAILABLE = 503;

/** What became of a try. */
export type TryResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** How long the application wants to be left alone; null where it does not say. */
      readonly askedWaitMs: number | null;
    }
  | { readonly kind: 'lost' }
  /** The application has not seen the request. */
  | { readonly kind: 'never sent' };

export interface TrySituation {
  /** This one included. */
  readonly tries: number;
  /** Of tries and waits so far, in milliseconds. */
  readonly spentMs: number;
  /** Until the rate, and the pauses that the application has asked for, let it go, in milliseconds. */
  readonly waitedMs: number;
  readonly canRepeat: boolean;
  /** From 0 up to 1. */
  readonly random: number;
}

export type RetryDecision =
  | { readonly action: 'done' }
  | { readonly action: 'wait'; readonly waitMs: number }
  /** Nobody asks the application for that long; then once more. */
  | { readonly action: 'pause'; readonly pauseMs: number }
  | { readonly action: 'give up' /** Nobody else need ask either. */; readonly pauseMs: number };

/** What follows a try. */
export function decideRetry(result: TryResult, situation: TrySituation, timings: RetryTimings): RetryDecision {
  const pauseMs = pauseOf(result);
  if (pauseMs === null && result.kind === 'answer' && !WORTH_REPEATING.has(result.status)) return { action: 'done' };
  const waitMs = timings.firstWaitMs * 2 ** (situation.tries - 1) * (0.5 + situation.random);
  const mayRepeat = situation.canRepeat || isSurelyUndone(result);
  const isSpent =
    situation.tries >= timings.maxTries || situation.spentMs + (pauseMs === null ? waitMs : 0) > timings.maxTotalMs;
  if (situation.waitedMs + (pauseMs ?? 0) > MAX_PATIENCE_MS || isSpent || !mayRepeat) {
    return { action: 'give up', pauseMs: Math.min(pauseMs ?? 0, MAX_ASKED_WAIT_MS) };
  }
  return pauseMs === null ? { action: 'wait', waitMs } : { action: 'pause', pauseMs };
}

/** For how long the application wants to be left alone by all. */
function pauseOf(result: TryResult): number | null {
  if (result.kind !== 'answer') return null;
  if (result.status === ASKED_TOO_OFTEN) return Math.max(result.askedWaitMs ?? 0, DEFAULT_PAUSE_MS);
  return result.status === UNAVAILABLE ? result.askedWaitMs : null;
}

function isSurelyUndone(result: TryResult): boolean {
  return result.kind === 'never sent' || (result.kind === 'answer' && result.status === ASKED_TOO_OFTEN);
}
