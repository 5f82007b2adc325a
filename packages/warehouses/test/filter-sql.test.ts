import { type ObjectType, type Property, parseFilter, type Type, type Value } from '@penstock/language';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filterSql } from '../src/index.js';
import { filterScenario } from './filter-scenarios.js';
import { accepted, createFilterTable } from './filter-table.js';
import { createTestDatabase, type TestDatabase } from './support/test-database.js';

const property = (name: string, type: Type): Property => {
  return { name, type, nullable: true, readOptional: true, description: '' };
};
const schemaOf = (type: Type): ObjectType => ({ kind: 'object', properties: [property('p', type)] });
const condition = (operator: string, values: readonly string[] | undefined, path = 'p') => ({
  property: path,
  operator,
  ...(values && { values }),
});
const filterOf = (schema: ObjectType, ...conditions: unknown[]) =>
  parseFilter({ logical: 'and', conditions }, schema, 'import');

const TEXT: Type = { kind: 'string' };
const FLOAT: Type = { kind: 'float', bitSize: 64 };
const UNSIGNED: Type = { kind: 'int', bitSize: 64, unsigned: true };
const DATETIME: Type = { kind: 'datetime' };
const TIME: Type = { kind: 'time' };
const array = (elementType: Type): Type => ({ kind: 'array', elementType });

describe('a filter as SQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.close());

  const noon = '2024-01-02 12:00:00';
  it.each<[Type, string, string[] | undefined, Value[], Value[]]>([
    [TEXT, 'is less than', ['\uff5e'], ['z', 'Z', ''], ['😀', '\uff5e', null]],
    [TEXT, 'is between', ['B', 'a'], ['B', 'Z', 'a'], ['b', 'A', null]],
    [TEXT, 'contains', ['%_'], ['a%_b'], ['abc', '', null]],
    [TEXT, 'starts with', ['%'], ['%a'], ['a%', null]],
    [TEXT, 'ends with', ['😀'], ['a😀', '😀'], ['😀a', '', null]],
    [TEXT, 'is not', ['a'], ['b', '', null], ['a']],
    [TEXT, 'is not one of', ['a', 'b'], ['c', null], ['a', 'b']],
    [TEXT, 'does not contain', ['a'], ['', 'b', null], ['ba']],
    [TEXT, 'is empty', undefined, ['', null], [' ']],
    [TEXT, 'is not empty', undefined, [' '], ['', null]],
    [{ kind: 'string', values: ['', 'a\0'] }, 'is', ['a\0'], [], ['', null]],
    [{ kind: 'string', values: ['', 'a\0'] }, 'contains', ['a\0'], [], ['', null]],
    [{ kind: 'string', values: ['', 'a\0'] }, 'is one of', ['a\0', ''], [''], [null]],
    [{ kind: 'boolean' }, 'is false', undefined, [false], [true, null]],
    [{ kind: 'boolean' }, 'is true', undefined, [true], [false, null]],
    [FLOAT, 'is greater than', ['1'], [Infinity, 2], [Number.NaN, 1, null]],
    [FLOAT, 'is greater than or equal to', ['1'], [Infinity, 1], [Number.NaN, 0.5, null]],
    [FLOAT, 'is less than', ['1'], [-Infinity, 0], [Number.NaN, 1, null]],
    [FLOAT, 'is between', ['1', '2'], [1, 2], [Number.NaN, Infinity, null]],
    [FLOAT, 'is not between', ['1', '2'], [Number.NaN, Infinity, null], [1, 2]],
    [FLOAT, 'is', ['0'], [0, -0], [5e-324, Number.NaN]],
    [{ kind: 'float', bitSize: 32 }, 'is', ['0.1'], [Math.fround(0.1)], [0.5, null]],
    [UNSIGNED, 'is', ['18446744073709551615'], ['18446744073709551615'], ['18446744073709551614', null]],
    [UNSIGNED, 'is greater than', ['9223372036854775807'], ['9223372036854775808'], ['9223372036854775807', null]],
    [{ kind: 'int', bitSize: 8 }, 'is less than', ['9223372036854775807'], [127, -128], [null]],
    [{ kind: 'int', bitSize: 8, unsigned: true }, 'is less than', ['18446744073709551615'], [255], [null]],
    [{ kind: 'int', bitSize: 8, unsigned: true }, 'is one of', ['18446744073709551615', '7'], [7], [255, null]],
    [{ kind: 'int', bitSize: 64 }, 'is one of', ['9007199254740993'], ['9007199254740993'], ['9007199254740992', null]],
    [{ kind: 'decimal', precision: 5, scale: 2 }, 'is', ['1.5'], ['1.50'], ['1.51', null]],
    [{ kind: 'decimal', precision: 5, scale: 2 }, 'is less than', ['1.499999'], ['1.49'], ['1.50', null]],
    [{ kind: 'ip' }, 'is', ['::1%eth0'], [], ['::1', null]],
    [{ kind: 'ip' }, 'is not', ['::ffff:1.2.3.4'], ['1.2.3.4', null], ['::ffff:1.2.3.4']],
    [DATETIME, 'is', ['2024-01-02T12:00:00.0000001'], [], [noon, null]],
    [DATETIME, 'is before', ['2024-01-02T12:00:00.0000001'], [noon], [`${noon}.000001`, null]],
    [DATETIME, 'is on or before', ['2024-01-02T12:00:00.0000009'], [noon], [`${noon}.000001`, null]],
    [DATETIME, 'is after', ['2024-01-02T12:00:00.0000009'], [`${noon}.000001`], [noon, null]],
    [DATETIME, 'is on or after', ['2024-01-02T12:00:00.0000009'], [`${noon}.000001`], [noon, null]],
    [DATETIME, 'is on or after', ['2024-01-02T12:00:00'], [noon], ['2024-01-02 11:59:59.999999', null]],
    [DATETIME, 'is one of', ['2024-01-02T12:00:00.0000009', '2025'], ['2025-01-01 00:00:00'], [noon, null]],
    [TIME, 'is between', ['00:00:00.0000001', '23:59:59.9999999'], ['23:59:59.999999'], ['00:00:00', null]],
    [
      array(TEXT),
      'contains',
      ['a'],
      [
        ['b', 'a'],
        [null, 'a'],
      ],
      [['ab'], [], [null], null],
    ],
    [array(TEXT), 'does not contain', ['a'], [['ab'], [], [null], null], [['b', 'a']]],
    [array(TEXT), 'is empty', undefined, [[], null], [['']]],
    [array(TIME), 'contains', ['10:00:00.0000001'], [], [['10:00:00'], null]],
    [array({ kind: 'json' }), 'contains', ['1'], [['1.0'], ['"1"']], [['[1]'], ['10'], ['null'], [], null]],
    [array({ kind: 'json' }), 'contains', ['x'], [['"x"', 'null']], [['["x"]'], null]],
    [array({ kind: 'json' }), 'contains', ['1e1001'], [['"1e1001"']], [['1'], null]],
    [{ kind: 'map', elementType: TEXT }, 'is empty', undefined, [{}, null], [{ a: null }]],
    [{ kind: 'year' }, 'is before', ['2000'], [1999], [2000, null]],
    [
      { kind: 'uuid' },
      'is',
      ['ABCDEF00-0000-0000-0000-00000000000A'],
      ['abcdef00-0000-0000-0000-00000000000a'],
      [null],
    ],
  ])('on %j, "%s" %j', async (type, operator, values, holding, failing) => {
    const schema = schemaOf(type);
    const filter = filterOf(schema, condition(operator, values));
    const table = await createFilterTable(
      database.client,
      schema,
      [...holding, ...failing].map((value) => [value]),
    );
    const expected = [...holding.map(() => true), ...failing.map(() => false)];
    expect(await table.select([filter])).toEqual([expected]);
    expect(accepted(filter, { schema, rows: table.rows, nullIs: 'null' })).toEqual(expected);
  });

  it('selects exactly the rows that the predicate accepts', async () => {
    const seen = { selected: 0, left: 0 };
    await fc.assert(
      fc.asyncProperty(filterScenario, async ({ schema, rows, filters }) => {
        fc.pre(filters.length > 0);
        const table = await createFilterTable(database.client, schema, rows);
        const selections = await table.select(filters.map(({ filter }) => filter));
        for (const [index, { filter, nullIs }] of filters.entries()) {
          expect(selections[index]).toEqual(accepted(filter, { schema, rows: table.rows, nullIs }));
          for (const isSelected of selections[index] ?? []) seen[isSelected ? 'selected' : 'left']++;
        }
      }),
      { numRuns: 100 },
    );
    expect(Math.min(seen.selected, seen.left)).toBeGreaterThan(1000);
  });

  it.each(['is less than', 'is less than or equal to'])(
    '"%s" is that of bytes, whatever the collation of a column',
    async (operator) => {
      const { text, values } = filterSql(filterOf(schemaOf(TEXT), condition(operator, ['a'])), (path) => path);
      const column = `SELECT 'B'::text COLLATE "und-x-icu" AS p`;
      const { rows } = await database.client.query(`SELECT ${text} AS holds FROM (${column}) AS texts`, values);
      expect(rows).toEqual([{ holds: true }]);
    },
  );

  it('holds an object to exist where one of its columns has a value', async () => {
    const object: Type = { kind: 'object', properties: [property('a', TEXT), property('b', { kind: 'year' })] };
    const schema = schemaOf(object);
    const rows = [
      ['x', null],
      [null, 7],
      [null, null],
    ];
    const table = await createFilterTable(database.client, schema, rows);
    const filters = ['exists', 'does not exist', 'is null', 'is not null'].map((operator) =>
      filterOf(schema, condition(operator, undefined)),
    );
    const some = [true, true, false];
    const none = [false, false, true];
    expect(await table.select(filters)).toEqual([some, none, none, some]);
  });
});

describe('the text of a filter', () => {
  it('quotes names, numbers parameters from where it is told to, and holds no value', () => {
    const schema: ObjectType = {
      kind: 'object',
      properties: [property('a', TEXT), property('b', { kind: 'int', bitSize: 32 })],
    };
    const conditions = [condition('is', ["'; --"], 'a'), condition('is one of', ['1', '2'], 'b')];
    const filter = parseFilter({ logical: 'or', conditions }, schema, 'export');
    expect(filterSql(filter, (path) => `${path}"x`, 5)).toEqual({
      text: '(("a""x" = $5::text) OR ("b""x" = ANY ($6::bigint[])))',
      values: ["'; --", ['1', '2']],
    });
  });

  it('refuses what exports never ask', () => {
    const json = schemaOf({ kind: 'json' });
    const object = schemaOf({ kind: 'object', properties: [property('a', TEXT)] });
    const column = (path: string): string => path;
    expect(() => filterSql(filterOf(json, condition('is', ['1'])), column)).toThrow(
      new TypeError('filters in the warehouse do not support json properties: p'),
    );
    expect(() => filterSql(filterOf(object, condition('is empty', undefined)), column)).toThrow(
      new TypeError('filters in the warehouse have no emptiness of object properties: p'),
    );
  });
});
