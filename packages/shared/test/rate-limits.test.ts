import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createRateLimits, createRedis } from '../src/platform/index.js';
import { createTestRedis } from '../src/testing/index.js';

const test = createTestRedis();
const clients = [1, 2, 3].map(() => createRedis(test.url, { role: 'worker' }));
// A Redis that a busy machine keeps waiting is not away: else each of them would let as many through as all together.
const instances = clients.map((redis) => createRateLimits(redis, { prefix: test.prefix, answerWithinMs: 10_000 }));
const unhurried = () => new AbortController().signal;
const SECOND_MS = 1_000;

beforeEach(() => test.empty());
afterAll(async () => {
  await test.close();
  for (const client of clients) client.disconnect();
});

/** Takes from all instances as fast as they let, for a while; when each request went, in ms. */
async function takeFor(
  durationMs: number,
  limits: readonly ReturnType<typeof createRateLimits>[],
  rate: { readonly name: string; readonly perSecond: number; readonly burst: number },
): Promise<number[]> {
  const signal = AbortSignal.timeout(durationMs);
  const times: number[] = [];
  const takeAll = async (one: ReturnType<typeof createRateLimits>): Promise<void> => {
    while (!signal.aborted) {
      await one.take(rate, signal);
      times.push(performance.now());
    }
  };
  await Promise.allSettled(limits.flatMap((one) => [takeAll(one), takeAll(one), takeAll(one)]));
  return times.toSorted((a, b) => a - b);
}

/** What a rate lets through in a time: observed late or not, it is never more. */
function most(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  durationMs: number,
): number {
  return burst + (perSecond * durationMs) / SECOND_MS;
}

describe('a rate limit', () => {
  it('is shared by all who have its name', async () => {
    const rate = { name: 'shared', perSecond: 20, burst: 5 };
    const start = performance.now();
    const times = await takeFor(2_000, instances, rate);
    expect(times.length).toBeLessThanOrEqual(most(rate, (times.at(-1) ?? 0) - start));
    expect(times.length).toBeGreaterThan(25);
  });

  it('is not shared by those who have another name', async () => {
    const [limits] = instances;
    for (const name of ['a', 'b', 'c']) await limits?.take({ name, perSecond: 0.01, burst: 1 }, unhurried());
  });

  it('lets nobody through while it is paused, whoever paused it, and then no more than before', async () => {
    const rate = { name: 'paused', perSecond: 20, burst: 2 };
    const [first, second] = instances;
    const start = performance.now();
    await first?.pause(rate, 600);
    await second?.pause(rate, 1);
    const times = await takeFor(1_100, instances, rate);
    expect((times[0] ?? 0) - start).toBeGreaterThan(550);
    expect(times.length).toBeLessThanOrEqual(most(rate, (times.at(-1) ?? 0) - start - 550));
    expect(times.length).toBeGreaterThan(2);
  });

  it('lets nobody wait for a pause of more than two minutes, and says for how long it would be, all that time', async () => {
    const rate = { name: 'long pause', perSecond: 20, burst: 2 };
    const [first, second] = instances;
    await first?.pause(rate, 125_000);
    for (const limits of [first, second]) {
      await expect(limits?.take(rate, unhurried())).rejects.toMatchObject({
        code: 'SourceUnavailable',
        message: expect.stringMatching(/another 12[45] seconds/),
      });
    }
  });

  it('ends waiting at once with the reason of the signal', async () => {
    const rate = { name: 'aborted', perSecond: 0.01, burst: 1 };
    await instances[0]?.take(rate, unhurried());
    const controller = new AbortController();
    const waiting = instances[1]?.take(rate, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(instances[0]?.take({ ...rate, name: 'other' }, controller.signal)).rejects.toBe(reason);
  });

  it.each(['worker', 'api'] as const)('is kept by each process when Redis is away, as a %s sees it', async (role) => {
    const nowhere = createRedis('redis://127.0.0.1:1', { role });
    const alone = createRateLimits(nowhere, { prefix: test.prefix });
    try {
      const rate = { name: 'alone', perSecond: 20, burst: 5 };
      const start = performance.now();
      const times = await takeFor(1_500, [alone], rate);
      expect(times.length).toBeGreaterThan(10);
      expect(times.length).toBeLessThanOrEqual(most(rate, (times.at(-1) ?? 0) - start));
      await alone.pause(rate, 60_000);
      await expect(alone.take(rate, AbortSignal.timeout(200))).rejects.toThrow('timeout');
    } finally {
      nowhere.disconnect();
    }
  });

  it('gives way to no more than its own burst when Redis goes and its keys with it', async () => {
    const own = createRedis(test.url, { role: 'worker' });
    const limits = createRateLimits(own, { prefix: test.prefix });
    const rate = { name: 'lost', perSecond: 2, burst: 5 };
    const start = performance.now();
    for (let count = 0; count < 5; count++) await limits.take(rate, unhurried());
    own.disconnect();
    await test.empty();
    await limits.take(rate, unhurried());
    // The sixth request of a burst of five.
    expect(performance.now() - start).toBeGreaterThan(490);
  });
});
