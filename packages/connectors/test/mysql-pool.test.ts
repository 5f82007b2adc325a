import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ConnectionPools, createConnectionPools } from '../src/index.js';
import { describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const ID = 'SELECT CONNECTION_ID() AS id';

describeMysql('connections of mysql', () => {
  let test: MysqlTest;
  let pools: ConnectionPools;
  beforeAll(async () => {
    test = await openMysql();
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

  const source = (query: string, settings = {}) => mysql.openSource({ ...test.settings, ...settings }, query, pools);
  const untilNoSession = () =>
    until('the sessions are gone', async () => (await test.sessions()) === 0, ENDED_WHEN_TOLD_MS);
  const idle = (count: number) => until(`${count} idle connections`, () => pools.idle === count);
  const id = async (settings = {}) => (await readAll((query) => source(query, settings), ID)).rows[0]?.[0];

  it('are reused by later runs with the same settings, and by no others', async () => {
    const first = await id();
    await idle(1);
    expect(await id()).toBe(first);
    await idle(1);
    expect(await id({ database: 'information_schema' })).not.toBe(first);
  });

  it('are reused after a read that was closed before it began', async () => {
    const first = await id();
    await idle(1);
    const reader = await source(ID).open(null, unhurried());
    await reader.close();
    await idle(1);
    expect(await id()).toBe(first);
  });

  it('are not reused after an error', async () => {
    const first = await id();
    await idle(1);
    await rejection(readAll(source, 'SELECT 18446744073709551615 + 1 AS n'));
    await untilNoSession();
    expect(await id()).not.toBe(first);
  });

  it('are replaced when the server ended them while nobody used them', async () => {
    const first = await id();
    await idle(1);
    await test.endSessions();
    expect(await id()).not.toBe(first);
  });

  it('are bounded: who comes later waits for its turn', async () => {
    const readers = [await source(ID).open(null, unhurried())];
    readers.push(await source(ID).open(null, unhurried()));
    const waiting = source(ID).open(null, unhurried());
    const controller = new AbortController();
    const impatient = rejection(source(ID).open(null, controller.signal));
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
    await readAll((query) => mysql.openSource(test.settings, query, impatient), ID);
    await untilNoSession();
    await impatient.close();
  });

  it('end with their pools, those in use as well, and there are no more of them', async () => {
    await readAll(source, ID);
    const reader = await source('SELECT SLEEP(60) AS n').open(null, unhurried());
    const result = rejection(reader.batches()[Symbol.asyncIterator]().next());
    await until('the database works', async () => (await test.sessions("COMMAND <> 'Sleep'")) === 1);
    await pools.close();
    expect(await result).toMatchObject({ code: 'SourceUnavailable' });
    await untilNoSession();
    expect(await rejection(source(ID).open(null, unhurried()))).toBeInstanceOf(Error);
  });
});
