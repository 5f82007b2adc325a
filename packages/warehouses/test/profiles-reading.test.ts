import type { WarehouseColumn } from '@penstock/engine';
import { parseFilter, type Type, type Value } from '@penstock/language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfilePage, ProfilesRequest } from '../src/index.js';
import { COLUMNS, CONNECTION, OTHER_PIPELINE, PIPELINE, people, person } from './support/people.js';
import { profileId, setMembers, setProfiles } from './support/profile-rows.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  schemaOf,
  type TestDatabase,
} from './support/test-database.js';
import { TestWarehouse } from './support/test-warehouse.js';

/** Each kind that has an order, with values in ascending order. */
const ORDERED: readonly (readonly [Type, readonly Value[]])[] = [
  [{ kind: 'string' }, ['', 'A', 'Z', 'a', 'é', '\uff5e', '😀']],
  [{ kind: 'string', maxLength: 2 }, ['', 'B', 'a']],
  [{ kind: 'boolean' }, [false, true]],
  [{ kind: 'int', bitSize: 8 }, [-128, 0, 127]],
  [{ kind: 'int', bitSize: 64 }, ['-9223372036854775808', '9', '10', '9223372036854775807']],
  [{ kind: 'int', bitSize: 64, unsigned: true }, ['9', '10', '18446744073709551615']],
  [{ kind: 'float', bitSize: 64 }, [-Infinity, -1, 0.1, 2, Infinity, Number.NaN]],
  [{ kind: 'decimal', precision: 20, scale: 2 }, ['-1.50', '9.99', '10.00']],
  [
    { kind: 'datetime' },
    ['0001-01-01 00:00:00', '2024-01-02 00:00:00', '2024-01-02 00:00:00.1', '9999-12-31 23:59:59'],
  ],
  [{ kind: 'date' }, ['0001-01-01', '2024-01-02', '9999-12-31']],
  [{ kind: 'time' }, ['00:00:00', '00:00:00.000001', '23:59:59']],
  [{ kind: 'year' }, [1, 999, 2024]],
  [{ kind: 'uuid' }, ['00000000-0000-0000-0000-000000000001', 'abcdef00-0000-0000-0000-00000000000a']],
  [{ kind: 'ip' }, ['9.0.0.1', '10.0.0.1', '::1']],
];

describe('reading profiles', () => {
  let database: TestDatabase;
  let underTest: PostgresqlUnderTest;

  beforeAll(async () => {
    database = await createTestDatabase();
    underTest = postgresqlUnderTest(database);
  });

  afterAll(async () => {
    await underTest.close();
    await database.close();
  });

  const open = async (columns = COLUMNS): Promise<TestWarehouse> =>
    TestWarehouse.create(underTest.platform, await underTest.newPlace(), columns);

  function list(warehouse: TestWarehouse, request: Partial<ProfilesRequest>): Promise<ProfilePage> {
    return warehouse.warehouse.listProfiles({
      columns: [],
      filterColumns: COLUMNS,
      filter: null,
      orderBy: null,
      descending: true,
      first: 0,
      limit: 1_000,
      ...request,
    });
  }

  const ids = ({ profiles }: ProfilePage): string[] => profiles.map(({ id }) => id);

  it('lists them newest first, by page, with the total, also beside an empty page', async () => {
    const warehouse = await open();
    const rows = [1, 2, 3, 4, 5].map((n) => ({ id: profileId(n), updatedAt: `2024-01-0${6 - n} 00:00:00` }));
    await setProfiles(database.client, warehouse.settings, { rows });
    const page = async (first: number, limit: number): Promise<unknown[]> => {
      const found = await list(warehouse, { first, limit });
      return [found.total, ...ids(found)];
    };
    expect(await page(0, 2)).toEqual([5, profileId(1), profileId(2)]);
    expect(await page(3, 10)).toEqual([5, profileId(4), profileId(5)]);
    expect(await page(9, 10)).toEqual([5]);
    expect((await list(warehouse, { descending: false, limit: 1 })).profiles).toEqual([
      { id: profileId(5), updatedAt: '2024-01-01 00:00:00', attributes: {} },
    ]);
  });

  it.each(ORDERED)('orders by %j both ways, those without a value last, equal ones by id', async (type, values) => {
    const columns: WarehouseColumn[] = [{ path: 'p', column: 'p', type }];
    const warehouse = await open(columns);
    const all = [...values, null].flatMap((value, index) => [
      { id: profileId(2 * index + 1), values: [value] },
      { id: profileId(2 * index), values: [value] },
    ]);
    const rows = [...all].sort((a, b) => (a.id.slice(-1) < b.id.slice(-1) ? 1 : -1));
    await setProfiles(database.client, warehouse.settings, { rows, columns });
    for (const descending of [false, true]) {
      const page = await list(warehouse, { columns, orderBy: columns[0] ?? null, descending });
      const expected = [...(descending ? [...values].reverse() : values), null].flatMap((value) => [value, value]);
      expect(page.profiles.map(({ attributes }) => attributes.p)).toEqual(expected);
      const numbers = page.profiles.map(({ id }) => Number(id.slice(-4)));
      for (let pair = 0; pair < numbers.length; pair += 2) expect(numbers[pair]).toBe((numbers[pair + 1] ?? 0) - 1);
    }
  });

  it('gives back values of all kinds as they were, and null for what a profile does not have', async () => {
    const types: Record<string, Type> = {
      map: { kind: 'map', elementType: { kind: 'int', bitSize: 32 } },
      list: { kind: 'array', elementType: { kind: 'string' } },
      json: { kind: 'json' },
      ...Object.fromEntries(ORDERED.map(([type], index) => [`scalar.${index}`, type])),
    };
    const columns = Object.entries(types).map(([path, type]) => ({ path, column: path.replace('.', '_'), type }));
    const values = [{ a: 1 }, ['x', null, ','], '{"a":[1]}', ...ORDERED.map(([, samples]) => samples[1] ?? null)];
    const warehouse = await open(columns);
    const rows = [{ id: profileId(1), values }, { id: profileId(2) }];
    await setProfiles(database.client, warehouse.settings, { rows, columns });
    const expected = columns.map(({ path }, index) => [path, values[index]]);
    const none = columns.map(({ path }) => [path, null]);
    const { profiles } = await list(warehouse, { columns });
    const json = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll(/(?<=[:,]) /g, '') : value);
    const shown = profiles.map(({ attributes }) => ({ ...attributes, json: json(attributes.json) }));
    expect(shown).toEqual([Object.fromEntries(expected), { ...Object.fromEntries(none), json: null }]);
    expect(await warehouse.warehouse.findProfile(profileId(1), columns)).toEqual(profiles[0]);
  });

  it('lists and counts those that a filter accepts, by columns that are not asked for', async () => {
    const warehouse = await open();
    const country = (n: number): string | null => ['IT', 'FR', null][n % 3] ?? null;
    const rows = Array.from({ length: 30 }, (_, n) => ({
      id: profileId(n),
      values: [`u${n}@example.com`, country(n), n, null],
    }));
    await setProfiles(database.client, warehouse.settings, { rows });
    const text: Type = { kind: 'string' };
    const property = { nullable: true, readOptional: true, description: '' };
    const address: Type = { kind: 'object', properties: [{ ...property, name: 'country', type: text }] };
    const filter = parseFilter(
      {
        logical: 'and',
        conditions: [
          { property: 'address.country', operator: 'is not', values: ['IT'] },
          { property: 'email', operator: 'starts with', values: ['u2'] },
        ],
      },
      {
        kind: 'object',
        properties: [
          { ...property, name: 'address', type: address },
          { ...property, name: 'email', type: text },
        ],
      },
      'export',
    );
    const orders = COLUMNS.filter(({ path }) => path === 'orders');
    const page = await list(warehouse, {
      filter,
      columns: orders,
      orderBy: orders[0] ?? null,
      descending: false,
      limit: 3,
    });
    expect(page.total).toBe(8);
    expect(page.profiles.map(({ attributes }) => attributes)).toEqual([{ orders: 2 }, { orders: 20 }, { orders: 22 }]);
    expect(await list(warehouse, { filter, first: 100 })).toEqual({ profiles: [], total: 8 });
    await expect(list(warehouse, { filter, filterColumns: [] })).rejects.toMatchObject({ code: 'PropertyNotExist' });
  });

  it('is not confused by properties that are called like what it reads', async () => {
    const names = ['id', 'updatedAt', 'attributes', 'total', 'page', 'counted', 'userId', 'pipeline', 'connection'];
    const columns = names.map((name): WarehouseColumn => ({ path: name, column: name, type: { kind: 'string' } }));
    const warehouse = await open(columns);
    const rows = [2, 1].map((n) => ({ id: profileId(n), values: names.map((name) => `${name} ${3 - n}`) }));
    await setProfiles(database.client, warehouse.settings, { rows, columns });
    await setMembers(database.client, warehouse.settings, [
      { profile: profileId(1), pipeline: PIPELINE, userId: 'u1' },
      { profile: profileId(1), pipeline: PIPELINE, userId: 'u2' },
    ]);
    await warehouse.import({
      columns,
      mapped: names,
      rows: [1, 2].map((n) => [`u${n}`, `2024-01-0${n} 00:00:00`, ...names.map((name) => `${name} ${3 - n}`)]),
    });
    const page = await list(warehouse, { columns, filterColumns: columns, orderBy: columns[0] ?? null });
    expect(ids(page)).toEqual([profileId(1), profileId(2)]);
    expect(page.profiles[0]?.attributes).toEqual(Object.fromEntries(names.map((name) => [name, `${name} 2`])));
    const identities = await warehouse.warehouse.listProfileIdentities({
      profile: profileId(1),
      columns,
      first: 0,
      limit: 9,
    });
    expect(identities.identities.map(({ userId, attributes }) => [userId, attributes.userId])).toEqual([
      ['u2', 'userId 1'],
      ['u1', 'userId 2'],
    ]);
  });

  it('gives a total that fits the page, whatever a resolution does meanwhile', async () => {
    const warehouse = await open();
    await setProfiles(database.client, warehouse.settings, { rows: [] });
    const table = `${schemaOf(warehouse.settings)}.penstock_profiles`;
    let isOver = false;
    const seen = new Set<string>();
    const read = async (): Promise<void> => {
      while (!isOver) {
        const { profiles, total } = await list(warehouse, {});
        seen.add(`${profiles.length} of ${total}`);
      }
    };
    const readers = [read(), read()];
    for (let round = 0; round < 60; round++) {
      await database.client.query(`BEGIN; DELETE FROM ${table};
        INSERT INTO ${table} (_id, _updated_at, _revision)
        SELECT gen_random_uuid(), '2024-01-01', 1 FROM generate_series(1, ${round % 2 === 0 ? 100 : 700}); COMMIT`);
    }
    isOver = true;
    await Promise.all(readers);
    expect([...seen].filter((state) => !['0 of 0', '100 of 100', '700 of 700'].includes(state))).toEqual([]);
    expect(seen.size).toBeGreaterThan(1);
  });

  it('finds one profile, and none that does not exist', async () => {
    const warehouse = await open();
    await setProfiles(database.client, warehouse.settings, {
      rows: [{ id: profileId(1), updatedAt: '2024-01-01 00:00:00.5', values: ['a@example.com', 'IT', 7, null] }],
    });
    const find = (id: string): Promise<unknown> => warehouse.warehouse.findProfile(id, COLUMNS.slice(0, 2));
    const attributes = { email: 'a@example.com', 'address.country': 'IT' };
    expect(await find(profileId(1))).toEqual({ id: profileId(1), updatedAt: '2024-01-01 00:00:00.5', attributes });
    expect(await find(profileId(2))).toBeUndefined();
    expect(await find("x'; --")).toBeUndefined();
  });

  it('finds nothing where identities were never resolved', async () => {
    const warehouse = await open();
    const schema = schemaOf(warehouse.settings);
    await database.client.query(
      `DROP TABLE IF EXISTS ${schema}.penstock_profiles, ${schema}.penstock_identity_profiles`,
    );
    const request = { profile: profileId(1), columns: COLUMNS, first: 0, limit: 10 };
    expect(await list(warehouse, { columns: COLUMNS })).toEqual({ profiles: [], total: 0 });
    expect(await warehouse.warehouse.findProfile(profileId(1), COLUMNS)).toBeUndefined();
    expect(await warehouse.warehouse.listProfileIdentities(request)).toEqual({ identities: [], total: 0 });
  });

  it('lists the identities of a profile as they are now, newest first; those that are gone do not show', async () => {
    const warehouse = await open();
    await warehouse.import({ pipeline: PIPELINE, rows: people(1, 4) });
    await warehouse.import({ pipeline: OTHER_PIPELINE, rows: people(1, 2) });
    const members = [
      { profile: profileId(1), pipeline: PIPELINE, userId: 'user-0001' },
      { profile: profileId(1), pipeline: PIPELINE, userId: 'user-0002' },
      { profile: profileId(1), pipeline: PIPELINE, userId: 'user-0004' },
      { profile: profileId(1), pipeline: OTHER_PIPELINE, userId: 'user-0002' },
      { profile: profileId(2), pipeline: PIPELINE, userId: 'user-0003' },
    ];
    await setMembers(database.client, warehouse.settings, members);
    const changed = person(2, { orders: 99, updatedAt: '2025-01-01 00:00:00' });
    await warehouse.import({ pipeline: PIPELINE, rows: [person(1), changed, person(3)] });
    const page = async (first: number, limit: number, profile = profileId(1)): Promise<unknown[]> => {
      const columns = COLUMNS.filter(({ path }) => path === 'orders');
      const { identities, total } = await warehouse.warehouse.listProfileIdentities({ profile, columns, first, limit });
      expect(identities.every(({ connection }) => connection === CONNECTION)).toBe(true);
      return [
        total,
        ...identities.map(({ userId, pipeline, attributes }) => [userId, pipeline, attributes.orders].join(' ')),
      ];
    };
    expect(await page(0, 2)).toEqual([3, `user-0002 ${PIPELINE} 99`, `user-0001 ${PIPELINE} 1`]);
    expect(await page(2, 2)).toEqual([3, `user-0002 ${OTHER_PIPELINE} 2`]);
    expect(await page(5, 2)).toEqual([3]);
    expect(await page(0, 9, profileId(3))).toEqual([0]);
    expect(await page(0, 9, 'nobody')).toEqual([0]);
  });

  it('says to try again when a column was altered meanwhile', async () => {
    const warehouse = await open();
    await setProfiles(database.client, warehouse.settings, { rows: [{ id: profileId(1) }] });
    const columns: WarehouseColumn[] = [{ path: 'gone', column: 'gone', type: { kind: 'string' } }];
    const conflict = { code: 'WarehouseConflict', retryable: true };
    await expect(list(warehouse, { columns })).rejects.toMatchObject(conflict);
    await expect(warehouse.warehouse.findProfile(profileId(1), columns)).rejects.toMatchObject(conflict);
    await expect(warehouse.identities(columns)).rejects.toMatchObject(conflict);
  });
});
