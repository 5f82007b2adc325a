import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createPipelineLock, createRedis } from '../src/platform/index.js';
import { createTestRedis, eventually } from '../src/testing/index.js';

const test = createTestRedis();
const redis = createRedis(test.url, { role: 'worker' });
const lock = createPipelineLock(redis, { prefix: test.prefix, ttlMs: 10_000 });
const holder = { pipeline: 7, run: 100, epoch: 2 };
const key = `${test.prefix}:lock:pipeline:7`;

beforeEach(() => test.empty());
afterAll(async () => {
  await test.close();
  redis.disconnect();
});

describe('the lock of a pipeline', () => {
  it('is taken when it is absent and renewed by its holder', async () => {
    expect(await lock.take(holder)).toBe(true);
    expect(await redis.get(key)).toBe('100:2');
    await redis.pexpire(key, 1_000);
    expect(await lock.take(holder)).toBe(true);
    expect(await redis.pttl(key)).toBeGreaterThan(5_000);
  });

  it('is taken from a lower epoch and from a lower run, compared as numbers', async () => {
    await redis.set(key, '100:1');
    expect(await lock.take(holder)).toBe(true);
    await redis.set(key, '99:10');
    expect(await lock.take(holder)).toBe(true);
    await redis.set(key, '9:99');
    expect(await lock.take(holder)).toBe(true);
  });

  it('is refused to whoever is older than its holder', async () => {
    await redis.set(key, '100:3');
    expect(await lock.take(holder)).toBe(false);
    await redis.set(key, '101:1');
    expect(await lock.take(holder)).toBe(false);
    expect(await redis.get(key)).toBe('101:1');
  });

  it('is taken again when Redis has lost it', async () => {
    await lock.take(holder);
    await test.empty();
    expect(await lock.take(holder)).toBe(true);
    expect(await redis.get(key)).toBe('100:2');
  });

  it('is released by its holder only', async () => {
    await lock.take({ ...holder, epoch: 3 });
    await lock.release(holder);
    expect(await redis.get(key)).toBe('100:3');
    await lock.release({ ...holder, epoch: 3 });
    expect(await redis.exists(key)).toBe(0);
  });

  it('vanishes by itself when nobody renews it', async () => {
    const brief = createPipelineLock(redis, { prefix: test.prefix, ttlMs: 50 });
    await brief.take(holder);
    await eventually('the lock vanishes', async () => (await redis.exists(key)) === 0, { deadlineMs: 5_000 });
  });
});
