import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueBetween, latestDueMs, nextDueMs, PERIODS_MS, phaseOf, SCHEDULE_PERIODS } from '../src/index.js';

const cadence = fc
  .constantFrom(...SCHEDULE_PERIODS)
  .chain((period) =>
    fc.nat(2 ** 31 - 1).map((seed) => ({ periodMs: PERIODS_MS[period], phaseMs: phaseOf(seed, PERIODS_MS[period]) })),
  );
const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('due times', () => {
  it('have a phase of at least 1 ms and less than the period', () => {
    fc.assert(
      fc.property(cadence, ({ periodMs, phaseMs }) => {
        expect(phaseMs).toBeGreaterThanOrEqual(1);
        expect(phaseMs).toBeLessThan(periodMs);
      }),
    );
  });

  it('are phase + k x period since the epoch, at most one period back and strictly less than one ahead', () => {
    fc.assert(
      fc.property(cadence, instant, (each, now) => {
        const latest = latestDueMs(each, now);
        expect(Math.abs((latest - each.phaseMs) % each.periodMs)).toBe(0);
        expect(latest).toBeLessThanOrEqual(now);
        expect(latest).toBeGreaterThan(now - each.periodMs);
        expect(nextDueMs(each, now)).toBe(latest + each.periodMs);
      }),
    );
  });

  it('do not depend on when they are computed', () => {
    fc.assert(
      fc.property(cadence, instant, (each, now) => {
        expect(latestDueMs(each, nextDueMs(each, now))).toBe(nextDueMs(each, now));
      }),
    );
  });

  it('between two times are counted exactly, both ends excluded', () => {
    const hourly = { periodMs: 3_600_000, phaseMs: 600_000 };
    const at = (hours: number): number => hours * 3_600_000 + 600_000;
    expect(dueBetween(hourly, at(1), at(2))).toBeUndefined();
    expect(dueBetween(hourly, at(1), at(3))).toEqual({ fromMs: at(2), toMs: at(2), count: 1 });
    expect(dueBetween(hourly, at(1) + 5, at(6))).toEqual({ fromMs: at(2), toMs: at(5), count: 4 });
  });

  it('of many pipelines spread over the period', () => {
    const minutes = new Set<number>();
    for (const seed of fc.sample(fc.nat(2 ** 31 - 1), { numRuns: 4_000, seed: 1 })) {
      minutes.add(Math.floor(phaseOf(seed, 3_600_000) / 60_000));
    }
    expect(minutes.size).toBe(60);
  });
});
