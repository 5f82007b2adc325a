import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asOnlyWorker, createDatabase, type Database } from '../src/platform/index.js';
import { createEmptyDatabase, eventually, type TestDatabase } from '../src/testing/index.js';

let server: TestDatabase;
let first: Database;
let second: Database;
/** The server ends its sessions when they stand still for a second in a transaction. */
let impatient: Database;

beforeAll(async () => {
  server = await createEmptyDatabase();
  const options = { url: server.url, poolSize: 2, applicationName: 'test', idleInTransactionMs: 60_000 };
  [first, second] = [createDatabase(options), createDatabase(options)];
  impatient = createDatabase({ ...options, idleInTransactionMs: 1_000 });
});
afterAll(async () => {
  await Promise.all([first.close(), second.close(), impatient.close()]);
  await server.drop();
});

interface Work {
  /** Is done when it is told to end. */
  readonly run: () => Promise<void>;
  readonly isTaken: Promise<unknown>;
  readonly end: () => void;
}

function longWork(): Work {
  const events = new EventEmitter();
  const run = async (): Promise<void> => {
    events.emit('taken');
    await once(events, 'end');
  };
  return { run, isTaken: once(events, 'taken'), end: () => events.emit('end') };
}

describe('a duty of one worker', () => {
  it('is done by one at a time, and by the next when it is done', async () => {
    const done: string[] = [];
    const work = longWork();
    const busy = asOnlyWorker(first, 'recovery', work.run);
    // The other one may ask only when the duty is taken: else it may be the one that gets it.
    await work.isTaken;
    expect(await asOnlyWorker(second, 'recovery', async () => void done.push('the same duty'))).toBe(false);
    expect(await asOnlyWorker(second, 'reconciliation', async () => void done.push('other duty'))).toBe(true);
    work.end();
    expect(await busy).toBe(true);
    expect(await asOnlyWorker(second, 'recovery', async () => void done.push('next'))).toBe(true);
    expect(done).toEqual(['other duty', 'next']);
  });

  it('is not held by a worker that stands still', async () => {
    const sleep = longWork();
    const standsStill = asOnlyWorker(impatient, 'recovery', sleep.run).catch(() => undefined);
    // Only when it is taken: else the other one has it, and gives it back, before this one stands still.
    await sleep.isTaken;
    await eventually('another worker takes the duty', () => asOnlyWorker(second, 'recovery', async () => undefined), {
      deadlineMs: 10_000,
    });
    sleep.end();
    await standsStill;
  });

  it('that fails is free for the next', async () => {
    const failing = asOnlyWorker(first, 'recovery', () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await asOnlyWorker(second, 'recovery', async () => undefined)).toBe(true);
  });
});
