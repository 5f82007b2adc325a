const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The periods of the documented API, in milliseconds. */
export const PERIODS_MS = {
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '3h': 3 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '8h': 8 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '24h': 24 * HOUR_MS,
} as const;

export type SchedulePeriod = keyof typeof PERIODS_MS;

/** Milliseconds of each period; replaced as a whole where a test wants real schedules within milliseconds. */
export type PeriodTable = Readonly<Record<SchedulePeriod, number>>;

export const SCHEDULE_PERIODS = Object.keys(PERIODS_MS) as readonly SchedulePeriod[];

/** When a pipeline is due: `phaseMs + k * periodMs` since the epoch, whatever was restarted or deployed meanwhile. */
export interface Cadence {
  readonly periodMs: number;
  /** 1..periodMs - 1. Never 0: the queue would fire at once and derive a phase from its clock. */
  readonly phaseMs: number;
}

/** Fits a pipeline's fixed random `seed` (0..2^31-1) into a period, so that thousands of pipelines spread over it. */
export function phaseOf(seed: number, periodMs: number): number {
  return 1 + (seed % (periodMs - 1));
}

/** The latest due time at or before `nowMs`. */
export function latestDueMs(cadence: Cadence, nowMs: number): number {
  return nowMs - modulo(nowMs - cadence.phaseMs, cadence.periodMs);
}

/** The first due time after `nowMs`. */
export function nextDueMs(cadence: Cadence, nowMs: number): number {
  return latestDueMs(cadence, nowMs) + cadence.periodMs;
}

/** Due times in `(afterMs, untilMs)`, as their first, last and number; undefined when there is none. */
export function dueBetween(
  cadence: Cadence,
  afterMs: number,
  untilMs: number,
): { readonly fromMs: number; readonly toMs: number; readonly count: number } | undefined {
  const fromMs = nextDueMs(cadence, afterMs);
  const toMs = latestDueMs(cadence, untilMs - 1);
  if (fromMs > toMs) return undefined;
  return { fromMs, toMs, count: (toMs - fromMs) / cadence.periodMs + 1 };
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
