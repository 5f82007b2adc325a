import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';

export type { Redis } from 'ioredis';

/** Answers of an api wait for Redis this long at most; a start is accepted without it. */
const API_COMMAND_TIMEOUT_MS = 500;
const MAX_RECONNECT_DELAY_MS = 1_000;

/**
 * A connection to Redis that reconnects for ever. In the api it fails fast: commands are refused while Redis is away and
 * answer within half a second. In a worker commands wait, as BullMQ's blocking connections need.
 */
export function createRedis(url: string, { role }: { readonly role: 'api' | 'worker' }): Redis {
  const reconnect = {
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, MAX_RECONNECT_DELAY_MS),
  };
  const options: Omit<RedisOptions, 'replyMapping'> =
    role === 'api'
      ? { ...reconnect, enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: API_COMMAND_TIMEOUT_MS }
      : { ...reconnect, maxRetriesPerRequest: null };
  const redis = new Redis(url, options);
  // ioredis reports every failed attempt to connect as an event; without a listener it would print each one.
  redis.on('error', () => undefined);
  return redis;
}

/**
 * Refuses a Redis that may drop keys when memory is short: locks and jobs would vanish one by one.
 * @throws Error that says how to fix it.
 */
export async function assertNoEviction(redis: Redis): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Error(
      `Redis has maxmemory-policy ${policy}, under which it drops jobs and locks when memory is short; ` +
        'set "maxmemory-policy noeviction" in redis.conf or run: redis-cli CONFIG SET maxmemory-policy noeviction',
    );
  }
}

/** Reads a script of packages/shared/lua, which lies beside src and dist alike. */
export function readScript(name: string): string {
  return readFileSync(new URL(`../../lua/${name}.lua`, import.meta.url), 'utf8');
}
