import { describe, expect, it } from 'vitest';
import {
  decideRetry,
  MAX_ASKED_WAIT_MS,
  MAX_PATIENCE_MS,
  RETRY_TIMINGS,
  type TryResult,
  type TrySituation,
} from '../src/applications/retry-decision.js';

const FIRST: TrySituation = { tries: 1, spentMs: 0, waitedMs: 0, canRepeat: true, random: 0.5 };
const answered = (status: number, askedWaitMs: number | null = null): TryResult => ({
  kind: 'answer',
  status,
  askedWaitMs,
});
const decide = (result: TryResult, situation: Partial<TrySituation> = {}) =>
  decideRetry(result, { ...FIRST, ...situation }, RETRY_TIMINGS);

describe('after a try', () => {
  it.each([200, 201, 207, 302, 400, 401, 404, 409, 422, 501])('an answer of %i is the answer', (status) => {
    expect(decide(answered(status))).toEqual({ action: 'done' });
  });

  it.each([408, 500, 502, 503, 504])('an answer of %i is tried again, of what can be repeated only', (status) => {
    expect(decide(answered(status))).toEqual({ action: 'wait', waitMs: 500 });
    expect(decide(answered(status), { canRepeat: false })).toEqual({ action: 'give up', pauseMs: 0 });
  });

  it('a lost request is sent again only if it can be repeated, one that was never sent always', () => {
    expect(decide({ kind: 'lost' })).toMatchObject({ action: 'wait' });
    expect(decide({ kind: 'lost' }, { canRepeat: false })).toMatchObject({ action: 'give up' });
    expect(decide({ kind: 'never sent' }, { canRepeat: false })).toMatchObject({ action: 'wait' });
  });

  it('waits are twice as long each time, with some chance', () => {
    const waits = [1, 2, 3, 4].map((tries) => decide(answered(500), { tries }));
    expect(waits).toEqual([500, 1_000, 2_000, 4_000].map((waitMs) => ({ action: 'wait', waitMs })));
    expect(decide(answered(500), { random: 0 })).toEqual({ action: 'wait', waitMs: 250 });
  });

  it('a 429 pauses all and is sent again, whatever it is: the application has not taken it', () => {
    expect(decide(answered(429, 7_000), { canRepeat: false })).toEqual({ action: 'pause', pauseMs: 7_000 });
    expect(decide(answered(429))).toEqual({ action: 'pause', pauseMs: 1_000 });
    expect(decide(answered(503, 7_000))).toEqual({ action: 'pause', pauseMs: 7_000 });
    expect(decide(answered(503, 7_000), { canRepeat: false })).toEqual({ action: 'give up', pauseMs: 7_000 });
  });

  it('a 429 that asks for less than the usual pause gets the usual pause', () => {
    expect(decide(answered(429, 0))).toEqual({ action: 'pause', pauseMs: 1_000 });
  });

  it('five tries, two minutes, and two minutes that an application asks for, in all, are the end', () => {
    expect(decide(answered(500), { tries: 5 })).toMatchObject({ action: 'give up' });
    expect(decide(answered(429), { tries: 5 })).toMatchObject({ action: 'give up' });
    expect(decide(answered(500), { spentMs: 119_800 })).toMatchObject({ action: 'give up' });
    expect(decide(answered(429, MAX_PATIENCE_MS))).toMatchObject({ action: 'pause' });
    expect(decide(answered(429, 60_001), { waitedMs: 60_000 })).toEqual({ action: 'give up', pauseMs: 60_001 });
    expect(decide(answered(429, MAX_PATIENCE_MS + 1))).toMatchObject({
      action: 'give up',
      pauseMs: MAX_PATIENCE_MS + 1,
    });
    expect(decide(answered(429, MAX_ASKED_WAIT_MS + 1))).toEqual({ action: 'give up', pauseMs: MAX_ASKED_WAIT_MS });
  });
});
