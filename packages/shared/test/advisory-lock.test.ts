import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOnlyWorker, createDatabase, type Database } from '../src/platform/index.js';
import { createEmptyDatabase, eventually, type TestDatabase } from '../src/testing/index.js';

let server: TestDatabase;
let first: Database;
let second: Database;

beforeAll(async () => {
  server = await createEmptyDatabase();
  const options = { url: server.url, poolSize: 2, applicationName: 'test', idleInTransactionMs: 300 };
  [first, second] = [createDatabase(options), createDatabase(options)];
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  await server.drop();
});

describe('a duty of one worker', () => {
  it('is done by one at a time, and by the next when it is done', async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const done: string[] = [];
    const busy = asOnlyWorker(first, 'recovery', () => held);
    await eventually('the duty is taken', async () => !(await asOnlyWorker(second, 'recovery', async () => undefined)));
    expect(await asOnlyWorker(second, 'reconciliation', async () => void done.push('other duty'))).toBe(true);
    finish();
    expect(await busy).toBe(true);
    expect(await asOnlyWorker(second, 'recovery', async () => void done.push('next'))).toBe(true);
    expect(done).toEqual(['other duty', 'next']);
  });

  it('is not held by a worker that stands still', async () => {
    let wake: () => void = () => undefined;
    let taken: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const isTaken = new Promise<void>((resolve) => {
      taken = resolve;
    });
    const standsStill = asOnlyWorker(first, 'recovery', () => {
      taken();
      return asleep;
    }).catch(() => undefined);
    // The other one may ask only when the duty is taken: else it has it, and gives it back, before this one stands still.
    await isTaken;
    await eventually('another worker takes the duty', () => asOnlyWorker(second, 'recovery', async () => undefined), {
      deadlineMs: 10_000,
    });
    wake();
    await standsStill;
  });

  it('that fails is free for the next', async () => {
    const failing = asOnlyWorker(first, 'recovery', () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await asOnlyWorker(second, 'recovery', async () => undefined)).toBe(true);
  });
});
