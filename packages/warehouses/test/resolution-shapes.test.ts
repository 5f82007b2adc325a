import type { StagedRow, WarehouseColumn } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partsOf } from '../src/postgresql/resolution/identifier-pattern.js';
import { randomNumbers } from './support/resolution-oracle.js';
import { ResolvingWarehouse } from './support/resolving-warehouse.js';
import {
  createTestDatabase,
  type PostgresqlUnderTest,
  postgresqlUnderTest,
  type TestDatabase,
} from './support/test-database.js';

const TIME = '2024-01-01 00:00:00';
const LINKS = 100_000;
/** A worker that is silent for longer loses what it holds. */
const MAX_SILENCE_MS = 15_000;

describe('shapes of populations', () => {
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

  const open = async (columns?: readonly WarehouseColumn[]): Promise<ResolvingWarehouse> => {
    const place = { settings: await underTest.newPlace(), ...(columns && { columns }) };
    return ResolvingWarehouse.create(underTest.platform, database.client, place);
  };

  it('a chain through alternating identifiers is one profile, however long; cut, it is two', async () => {
    const warehouse = await open();
    const identifiers = ['email', 'phone', 'number'];
    await warehouse.import({ pipeline: 1, rows: Array.from({ length: LINKS }, (_, index) => link(index)) });
    expect(await warehouse.resolve(identifiers)).toMatchObject({ resolved: LINKS, profiles: 1 });
    const cut: StagedRow = [`u${LINKS / 2}`, TIME, null, null, null, null, null, null, null];
    await warehouse.import({ pipeline: 1, rows: [cut], isFull: false });
    expect(await warehouse.resolve(identifiers)).toMatchObject({ resolved: LINKS, added: 2, profiles: 3 });
    await warehouse.import({ pipeline: 1, rows: [link(LINKS / 2)], isFull: false });
    expect(await warehouse.resolve(identifiers)).toMatchObject({ resolved: LINKS, removed: 2, profiles: 1 });
  }, 180_000);

  /** Neighbours share an identifier, and have none of the more important ones in common. */
  function link(index: number): StagedRow {
    const [round, place] = [Math.floor(index / 3), index % 3];
    const email = place === 1 ? null : `${place === 0 ? round : round + 1}@x`;
    const phone = place === 2 ? null : `${round}`;
    return [`u${index}`, TIME, email, phone, place === 0 ? null : round, null, null, null, null];
  }

  it('one value that many share makes one profile of them, with the values of all', async () => {
    const warehouse = await open();
    const rows = Array.from({ length: 30_000 }, (_, index): StagedRow => {
      const updatedAt = `2024-01-01 00:00:${String(index % 50).padStart(2, '0')}`;
      const city = index === 7 ? 'Rome' : null;
      return [`u${index}`, updatedAt, 'a@x', null, index, null, city, null, [`tag ${index % 2_000}`]];
    });
    await warehouse.import({ pipeline: 1, rows });
    await warehouse.import({ pipeline: 2, rows: [['x', TIME, 'a@x', null, -1, null, null, '{}', null]] });
    const request = { primarySources: { number: 2 } };
    expect(await warehouse.resolve(['email'], request)).toMatchObject({ profiles: 1 });
    const [profile] = [...(await warehouse.profiles()).values()];
    expect(profile?.values).toMatchObject({
      number: -1,
      address_city: 'Rome',
      extra: {},
      _updated_at: '2024-01-01 00:00:49',
    });
    expect(profile?.values.tags).toHaveLength(2_000);
  });

  it('a value that is not unique joins nobody whose more important identifiers tell them apart', async () => {
    const warehouse = await open();
    const rows = Array.from({ length: 20_000 }, (_, index): StagedRow => {
      return [`u${index}`, TIME, `${index}@x`, '0', null, null, null, null, null];
    });
    await warehouse.import({ pipeline: 1, rows });
    expect(await warehouse.resolve(['email', 'phone'])).toMatchObject({ profiles: 20_000 });
    const unknown: StagedRow = ['x', TIME, null, '0', null, null, null, null, null];
    await warehouse.import({ pipeline: 1, rows: [unknown], isFull: false });
    expect(await warehouse.resolve(['email', 'phone'])).toMatchObject({ resolved: 20_001, profiles: 1 });
  });

  it('properties may have the names that a query would use', async () => {
    const names = [
      'n',
      'c',
      'r',
      'place',
      'element',
      'address',
      'profile',
      'size',
      'old',
      'value',
      'i1',
      'order',
      'm',
      'id',
    ];
    const scalars = names.map((name): WarehouseColumn => ({ path: name, column: name, type: { kind: 'string' } }));
    const arrays = ['e', 'elements', 'penstock_united_1'].map(
      (name): WarehouseColumn => ({
        path: name,
        column: name,
        type: { kind: 'array', elementType: { kind: 'string' } },
      }),
    );
    const warehouse = await open([...scalars, ...arrays]);
    const identifiers = names.slice(-10);
    const rows = Array.from({ length: 1_003 }, (_, index): StagedRow => {
      const value = index < 1_001 ? 'same' : 'other';
      const key = index === 1_002 ? 'alone' : value;
      return [`u${index}`, TIME, ...names.map(() => key), ...arrays.map(() => [value, 'x', value])];
    });
    await warehouse.import({ pipeline: 1, rows });
    expect(await warehouse.resolve(identifiers)).toMatchObject({ resolved: 1_003, profiles: 3 });
    for (const { values } of (await warehouse.profiles()).values()) {
      expect(values.elements).toEqual([values.n === 'same' ? 'same' : 'other', 'x']);
    }
    await warehouse.import({ pipeline: 1, rows: rows.slice(0, 2), isFull: false });
    expect(await warehouse.resolve(identifiers)).toMatchObject({ resolved: 0 });
  });

  it('properties may have the names that every object has', async () => {
    const names = ['constructor', 'valueOf', 'toString', '__proto__'];
    const columns = names.map(
      (name): WarehouseColumn => ({ path: name, column: name.replaceAll('_', 'x'), type: { kind: 'string' } }),
    );
    const warehouse = await open(columns);
    const rows = Array.from(
      { length: 1_002 },
      (_, index): StagedRow => [`u${index}`, TIME, 'same', `${index}`, 'b', 'c'],
    );
    await warehouse.import({ pipeline: 1, rows });
    await warehouse.import({ pipeline: 2, rows: [['v', '2023-01-01 00:00:00', 'same', 'primary', 'b', 'c']] });
    const primarySources = Object.fromEntries([['valueOf', 2]]);
    expect(await warehouse.resolve(['constructor'], { primarySources })).toMatchObject({
      resolved: 1_003,
      profiles: 1,
    });
    const [profile] = [...(await warehouse.profiles()).values()];
    expect(profile?.values).toMatchObject({ valueOf: 'primary', toString: 'b', xxprotoxx: 'c' });
  });

  it('with ten identifiers that people have at random, groups that share a value are found in no time', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `k${index}`);
    const warehouse = await open(names.map((name) => ({ path: name, column: name, type: { kind: 'string' } })));
    const random = randomNumbers(3);
    const owners = 40_000;
    // Everybody has one of the more important identifiers at least; 100 values of the last one are shared by 400 each.
    const rows = Array.from({ length: owners }, (_, index): StagedRow => {
      const pattern = 1 + random(511);
      const keys = names.slice(0, 9).map((_, place) => ((pattern >> place) & 1 ? `${index}` : null));
      return [`u${index}`, TIME, ...keys, `${index % 100}`];
    });
    await warehouse.import({ pipeline: 1, rows });
    const free = longestBlock();
    expect(await warehouse.resolve(names)).toMatchObject({ resolved: owners });
    expect(free()).toBeLessThan(MAX_SILENCE_MS);
  }, 120_000);

  it.each([
    { kind: 'string', same: ['a', 'a'], others: ['A', 'a ', ''], type: { kind: 'string' } },
    {
      ...{ kind: 'long string', same: ['x'.repeat(5_000), 'x'.repeat(5_000)] },
      ...{ others: [`${'x'.repeat(4_999)}y`, 'x'.repeat(500)], type: { kind: 'string' } },
    },
    {
      kind: 'int',
      same: ['9007199254740993', '9007199254740993'],
      others: ['9007199254740992'],
      type: { kind: 'int', bitSize: 64 },
    },
    {
      ...{ kind: 'unsigned int', same: ['18446744073709551615', '18446744073709551615'], others: ['1'] },
      type: { kind: 'int', bitSize: 64, unsigned: true },
    },
    {
      ...{ kind: 'uuid', type: { kind: 'uuid' }, others: ['00000000-0000-4000-8000-00000000000b'] },
      same: ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000a'],
    },
    { kind: 'ip', same: ['2001:db8::1', '2001:db8::1'], others: ['10.0.0.1', '10.0.0.2'], type: { kind: 'ip' } },
    { kind: 'decimal', same: ['12', '12'], others: ['-12', '120'], type: { kind: 'decimal', precision: 30, scale: 0 } },
  ] as const)('values of kind $kind are compared by value', async ({ same, others, type }) => {
    const warehouse = await open([{ path: 'key', column: 'key', type: type as WarehouseColumn['type'] }]);
    const rows = [...same, ...others].map((value, index): StagedRow => [`u${index}`, TIME, value]);
    await warehouse.import({ pipeline: 1, rows });
    await warehouse.resolve(['key']);
    const alone = others.map((_, index) => [`1/u${index + 2}`]);
    expect(await warehouse.groups()).toEqual([['1/u0', '1/u1'], ...alone]);
    const joining: StagedRow = ['v', TIME, same[0]];
    await warehouse.import({ pipeline: 1, rows: [joining], isFull: false });
    expect(await warehouse.resolve(['key'])).toMatchObject({ resolved: 3, changed: 0 });
    expect(await warehouse.groups()).toEqual([['1/u0', '1/u1', '1/v'], ...alone]);
  });
});

/** Measures the longest time, in ms, in which nobody else could work; returns how to end. */
function longestBlock(): () => number {
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

describe('patterns of more important identifiers', () => {
  it('fall into parts of those that are connected by having nothing in common', () => {
    expect(partsOf([0b01, 0b10])).toEqual(
      new Map([
        [0b01, 0b01],
        [0b10, 0b01],
      ]),
    );
    expect(partsOf([0b011, 0b101, 0b110])).toEqual(new Map());
    const crossed = [0b0011, 0b1100, 0b0101, 0b1010, 0b1111];
    expect(new Set(partsOf(crossed).values())).toEqual(new Set([0b0011, 0b0101]));
    expect(partsOf(crossed).has(0b1111)).toBe(false);
  });

  it('are the same parts as when all pairs are compared', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 300; round += 1) {
      const patterns = Array.from({ length: 512 }, (_, pattern) => pattern + 1).filter(() => random(8 + round) < 4);
      const parts = new Map<number, number>();
      for (const start of patterns) {
        const reached = new Set([start]);
        for (const one of reached) for (const other of patterns) if ((one & other) === 0) reached.add(other);
        if (reached.size > 1) parts.set(start, Math.min(...reached));
      }
      expect(new Map([...partsOf(patterns)].sort(([a], [b]) => a - b))).toEqual(parts);
    }
  });
});
