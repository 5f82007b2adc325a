import { randomUUID } from 'node:crypto';
import { createRedis } from '../platform/redis.js';

export interface TestRedis {
  readonly url: string;
  /** Every key of a test file begins with it, so that files can share one server. */
  readonly prefix: string;
  /** Deletes the keys of this prefix: what an emptied Redis is to those who use it. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export function createTestRedis(): TestRedis {
  const url = process.env.TEST_REDIS_URL;
  if (url === undefined) throw new Error('TEST_REDIS_URL is not set; run the tests with: npm test');
  const prefix = `test-${randomUUID()}`;
  const redis = createRedis(url, { role: 'worker' });
  const empty = async (): Promise<void> => {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1000 })) {
      if ((keys as string[]).length > 0) await redis.del(keys as string[]);
    }
  };
  return {
    url,
    prefix,
    empty,
    close: async () => {
      await empty();
      redis.disconnect();
    },
  };
}
