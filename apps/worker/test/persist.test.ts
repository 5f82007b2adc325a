import { createLogger } from '@penstock/shared/platform';
import { createEmptyDatabase, type TestDatabase } from '@penstock/shared/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { persist } from '../src/runtime/persist.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.drop());

const logger = createLogger({ level: 'error', service: 'test' });
logger.silent = true;
const owned = { logger, isLost: () => false };
const refused = () => database.query(`SELECT '{"key": "\\u0000"}'::jsonb`).then(() => true);
const never = () => Promise.reject(new Error('the fallback was not asked for'));

/** Work that meets a server that is not there, so many times, and then succeeds. */
function awayFor(times: number) {
  let tries = 0;
  return async (): Promise<boolean> => {
    tries += 1;
    if (tries > times) return true;
    const client = new pg.Client({ host: '127.0.0.1', port: 1 });
    await client.connect();
    return false;
  };
}

describe('the outcome of an attempt', () => {
  it('is written again and again while the control database is away', async () => {
    expect(await persist(owned, awayFor(2), never)).toBe(true);
  });

  it('that is refused for good is not tried for ever: the fallback is written, once', async () => {
    expect(await persist(owned, refused, () => Promise.resolve(true))).toBe(true);
    expect(await persist(owned, refused, refused)).toBe(false);
  });

  it('whose fallback meets an outage waits for that to end', async () => {
    expect(await persist(owned, refused, awayFor(1))).toBe(true);
  });

  it('of a run that is not ours any more is given up', async () => {
    expect(await persist({ logger, isLost: () => true }, awayFor(1), never)).toBe(false);
  });
});
