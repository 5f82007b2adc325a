import { eventually } from '@penstock/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, errorOf } from './support/client.js';
import { TestApi } from './support/test-api.js';

const LIMIT = 20;

let first: TestApi;
let second: TestApi;

beforeAll(async () => {
  const env = { RATE_LIMIT_PER_MINUTE: String(LIMIT) };
  first = await TestApi.start({ env });
  second = await TestApi.start({ env, beside: first });
});
afterAll(async () => {
  await second.close();
  await first.close();
});

const ask = (api: TestApi, key: string): Promise<Answer> => api.call('GET', '/v1/connectors', { key });

/** Tests that count within one window must not begin at its end. */
async function windowBegins(): Promise<void> {
  await eventually('a window with enough time left', () => Date.now() % 60_000 < 50_000, { deadlineMs: 15_000 });
}

/** What an api has counted is known to all. An exchange that is under way may have begun before; the next one has not. */
async function shared({ deps: { rateLimitStore } }: TestApi): Promise<void> {
  await rateLimitStore.sync();
  await rateLimitStore.sync();
}

describe('the rate limit', () => {
  it('is told with every answer', async () => {
    await windowBegins();
    const { headers } = await ask(first, await first.make.key(null));
    expect(headers.get('ratelimit-policy')).toBe(`${LIMIT};w=60`);
    expect(headers.get('ratelimit')).toMatch(new RegExp(`^limit=${LIMIT}, remaining=${LIMIT - 1}, reset=\\d+$`));
  });

  it('refuses what exceeds it with 429 and says how long to wait', async () => {
    await windowBegins();
    const key = await first.make.key(null);
    for (let request = 0; request < LIMIT; request++) expect((await ask(first, key)).status).toBe(200);
    const refused = await ask(first, key);
    expect(errorOf(refused)).toMatchObject({ status: 429, code: 'TooManyRequests' });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit')).toContain('remaining=0');
  });

  it('is that of one key: another one is not refused', async () => {
    await windowBegins();
    const key = await first.make.key(null);
    for (let request = 0; request <= LIMIT; request++) await ask(first, key);
    expect((await ask(first, key)).status).toBe(429);
    expect((await ask(first, await first.make.key(null))).status).toBe(200);
  });

  it('counts the requests of all api processes together', async () => {
    await windowBegins();
    const key = await first.make.key(null);
    for (let request = 0; request < LIMIT; request++) await ask(first, key);
    await shared(first);
    await ask(second, key);
    await shared(second);
    expect((await ask(second, key)).status).toBe(429);
  });

  it('does not concern requests without a key', async () => {
    await windowBegins();
    for (let request = 0; request < 2 * LIMIT; request++) {
      expect((await first.call('GET', '/health/live')).status).toBe(200);
      expect((await first.call('GET', '/v1/pipelines')).status).toBe(401);
    }
  });

  it('is forgotten when the minute is over', async () => {
    const { rateLimitStore, redis, redisPrefix } = first.deps;
    rateLimitStore.increment('forgotten');
    await rateLimitStore.sync();
    const [name] = await redis.keys(`${redisPrefix}:rate:forgotten:*`);
    expect(await redis.pttl(name ?? '')).toBeGreaterThan(60_000);
    expect(rateLimitStore.increment('forgotten').resetTime?.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  });
});
