import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionPools, createConnectionPools } from '../src/index.js';
import { OUR_SESSIONS, openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const PID = 'SELECT pg_backend_pid() AS pid';

describe('connections of postgresql', () => {
  let test: PostgresqlTest;
  let pools: ConnectionPools;
  beforeAll(async () => {
    test = await openPostgresql();
  });
  afterAll(() => test.drop());
  beforeEach(() => {
    pools = createConnectionPools({ maxLeases: 2 });
  });
  afterEach(async () => {
    await pools.close();
    // Sessions end a little later in the server: the next test counts its own.
    await untilNoSession();
  });

  const source =
    (settings = {}) =>
    (query: string) =>
      postgresql.openSource({ ...test.settings, ...settings }, query, pools);
  const untilNoSession = () =>
    until('the sessions are gone', async () => (await test.sessions()) === 0, ENDED_WHEN_TOLD_MS);
  const idle = (count: number) => until(`${count} idle connections`, () => pools.idle === count);
  const pid = async (settings = {}) => (await readAll(source(settings), PID)).rows[0]?.[0];

  it('are reused by later runs with the same settings, and by no others', async () => {
    const first = await pid();
    await idle(1);
    expect(await pid()).toBe(first);
    await idle(1);
    expect(await pid({ schema: 'other' })).not.toBe(first);
  });

  it('are not reused after an error', async () => {
    const first = await pid();
    await idle(1);
    await rejection(readAll(source(), 'SELECT 1/0 AS n'));
    await untilNoSession();
    expect(await pid()).not.toBe(first);
  });

  it('are replaced when the server ended them while nobody used them', async () => {
    const first = await pid();
    await idle(1);
    await test.execute(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OUR_SESSIONS}`);
    expect(await pid()).not.toBe(first);
  });

  it('are bounded: who comes later waits for its turn', async () => {
    const readers = [await source()(PID).open(null, unhurried())];
    readers.push(await source()(PID).open(null, unhurried()));
    const waiting = source()(PID).open(null, unhurried());
    const controller = new AbortController();
    const impatient = rejection(source()(PID).open(null, controller.signal));
    controller.abort(new Error('stopped by the test'));
    expect(await impatient).toBe(controller.signal.reason);
    expect(await test.sessions()).toBe(2);
    await readers[0]?.close();
    const third = await waiting;
    expect(await test.sessions()).toBe(2);
    await Promise.all([third, ...readers].map((reader) => reader.close()));
  });

  it('end after a time without use', async () => {
    const impatient = createConnectionPools({ idleTimeoutMs: 50 });
    await readAll((query) => postgresql.openSource(test.settings, query, impatient), PID);
    await untilNoSession();
    await impatient.close();
  });

  it('end with their pools, those in use as well, and there are no more of them', async () => {
    await readAll(source(), PID);
    const reader = await source()('SELECT 1 AS n FROM pg_sleep(60)').open(null, unhurried());
    const result = rejection(reader.batches()[Symbol.asyncIterator]().next());
    await until('the database works', async () => (await test.sessions("wait_event = 'PgSleep'")) === 1);
    await pools.close();
    expect(await result).toMatchObject({ code: 'SourceUnavailable' });
    await untilNoSession();
    expect(await rejection(source()(PID).open(null, unhurried()))).toBeInstanceOf(Error);
  });
});
