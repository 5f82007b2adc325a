import { kill } from 'node:process';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresqlPlatform, createWarehousePools } from '../src/index.js';
import { alteration, shapesOf, textColumns } from './support/alterations.js';
import { createCuttingProxy } from './support/cutting-proxy.js';
import { createPrivateServer, type PrivateServer } from './support/private-server.js';
import { createTestDatabase, postgresqlUnderTest, type TestDatabase, waitUntil } from './support/test-database.js';
import { TestWarehouse } from './support/test-warehouse.js';

const BEFORE = textColumns(['a', 'b', 'c']);
const AFTER = textColumns(['a', 'b', 'd']);
const KEPT = { a: 'b', b: 'a' };
const OLD = ['a text', 'b text', 'c text'];
const NEW = ['a text', 'b text', 'd text'];
const NEVER = new AbortController().signal;
const FIRST = {
  columns: BEFORE,
  mapped: ['a', 'b', 'c'],
  rows: [['u1', '2024-01-01 00:00:00', 'a', 'b', 'c']],
} as const;

describe('an alteration of the schema that is broken off', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.close());

  it('before or after any of its requests has happened as a whole or not at all, and is completed by the next one', async () => {
    const underTest = postgresqlUnderTest(database);
    const seen = new Set<string>();
    for (const side of ['before', 'after'] as const) {
      let hasCut = true;
      for (let request = 1; hasCut; request++) {
        const warehouse = await TestWarehouse.create(underTest.platform, await underTest.newPlace(), BEFORE);
        await warehouse.import(FIRST);
        const change = alteration(BEFORE, AFTER, KEPT);
        const proxy = await createCuttingProxy(database.settings.port, { request, side });
        const pools = createWarehousePools();
        const settings = { ...(warehouse.settings as object), host: '127.0.0.1', port: proxy.port };
        const answer = await createPostgresqlPlatform(pools)
          .alterSchema(settings, change, NEVER)
          .catch(({ code }: { code: string }) => code);
        await pools.close();
        await proxy.close();
        hasCut = proxy.hasCut();
        const shapes = await shapesOf(database.client, warehouse.settings);
        const isAltered = shapes[0]?.join() === NEW.join();
        expect(shapes).toEqual(isAltered ? [NEW, NEW, NEW] : [OLD, OLD, OLD]);
        seen.add(`${answer} ${isAltered}`);
        await waitUntil(() => underTest.platform.alterSchema(warehouse.settings, change, NEVER));
        expect((await warehouse.identities(AFTER))[0]?.attributes).toEqual({ a: 'b', b: 'a', d: null });
      }
    }
    await underTest.close();
    expect([...seen].sort()).toEqual(['WarehouseUnavailable false', 'WarehouseUnavailable true', 'true true']);
  });
});

describe('a server process that is killed in the middle of an alteration', () => {
  let server: PrivateServer;

  beforeAll(async () => {
    server = await createPrivateServer();
  });

  afterAll(() => server.close());

  it('leaves all as it was, and the next one alters it', async () => {
    const login = { host: '127.0.0.1', port: server.port, database: 'postgres' };
    const settings = { ...login, username: 'postgres', password: 'x', schema: 'killed' };
    const pools = createWarehousePools();
    const platform = createPostgresqlPlatform(pools);
    const warehouse = await TestWarehouse.create(platform, settings, BEFORE);
    await warehouse.import(FIRST);
    const change = alteration(BEFORE, AFTER, KEPT);
    const connect = async (): Promise<Client> => {
      const client = new Client({ ...login, user: 'postgres' });
      client.on('error', () => {});
      await client.connect();
      return client;
    };
    const client = await connect();
    const reader = await connect();
    await reader.query('BEGIN; SELECT count(*) FROM killed.penstock_profiles');
    const altered = platform.alterSchema(settings, change, NEVER).catch((error: unknown) => error);
    let pid = 0;
    await waitUntil(async () => {
      const { rows } = await client.query<{ pid: number }>(
        "SELECT pid FROM pg_locks WHERE relation = 'killed.penstock_profiles'::regclass AND NOT granted",
      );
      pid = rows[0]?.pid ?? 0;
      return pid > 0;
    });
    kill(pid, 'SIGKILL');
    expect(await altered).toMatchObject({ code: 'WarehouseUnavailable', retryable: true });
    await Promise.all([client, reader].map((ended) => ended.end().catch(() => {})));
    await waitUntil(() =>
      connect().then(
        (back) => back.end().then(() => true),
        () => false,
      ),
    );

    const back = await connect();
    expect(await shapesOf(back, settings)).toEqual([OLD, OLD, OLD]);
    expect(await platform.alterSchema(settings, change, NEVER)).toBe(true);
    expect(await shapesOf(back, settings)).toEqual([NEW, NEW, NEW]);
    await back.end();
    await pools.close();
  });
});
