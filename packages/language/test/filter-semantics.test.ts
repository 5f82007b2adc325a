import { describe, expect, test } from 'vitest';
import {
  compileFilter,
  type FilterOperator,
  type ObjectType,
  parseFilter,
  type Type,
  type Value,
} from '../src/index.js';
import { filterOf, holds, schemaOf } from './filter-cases.js';

const TEXT: Type = { kind: 'string' };
const JSON_TYPE: Type = { kind: 'json' };
const INT: Type = { kind: 'int', bitSize: 32 };
const INT64: Type = { kind: 'int', bitSize: 64 };
const FLOAT: Type = { kind: 'float', bitSize: 64 };
const DECIMAL: Type = { kind: 'decimal', precision: 20, scale: 5 };
const arrayOf = (elementType: Type): Type => ({ kind: 'array', elementType });
const MAP: Type = { kind: 'map', elementType: TEXT };

type Case = readonly [type: Type, values: readonly string[], holds: readonly Value[], fails: readonly Value[]];

/** Of every operator that has values: which it holds for, and which not. Null and missing are in none, and fail always. */
const CASES: Partial<Record<FilterOperator, readonly Case[]>> = {
  is: [
    [TEXT, ['x'], ['x'], ['X', ' x', 'xx', '']],
    [INT, ['7'], [7], [-7, 8]],
    [INT, ['9223372036854775807'], [], [2147483647]],
    [INT64, ['9007199254740993'], ['9007199254740993'], ['9007199254740992']],
    [FLOAT, ['0'], [0, -0], [Number.NaN, 5e-324]],
    [DECIMAL, ['1.50'], ['1.5', '1.50000'], ['-1.5', '1.50001', '15']],
    [DECIMAL, ['100'], ['100', '100.00'], ['1', '10', '1000']],
    [{ kind: 'year' }, ['99'], [99], [1999]],
    [{ kind: 'datetime' }, ['2024-01-02'], ['2024-01-02 00:00:00'], ['2024-01-02 00:00:00.000000001']],
    [{ kind: 'date' }, ['2024-01-02'], ['2024-01-02'], ['2024-01-03']],
    [{ kind: 'time' }, ['10:20:30.500'], ['10:20:30.5'], ['10:20:30']],
    [JSON_TYPE, ['12'], ['12', ' 12.0 ', '1.2e1', '"12"'], ['"12.0"', '121', '-12', '[12]', '{"a":12}']],
    [JSON_TYPE, ['+0.'], ['0', '-0', '0e5', '-0.0e-9', '"+0."'], ['"0"', '1e-9999']],
    [JSON_TYPE, ['9007199254740993'], ['9007199254740993', '9007199254740993.000'], ['9007199254740992']],
    [JSON_TYPE, ['é"'], ['"é\\""', '"\\u00e9\\u0022"'], ['"é"']],
    [JSON_TYPE, ['true'], ['"true"'], ['true', 'false', 'null', '["true"]']],
    [JSON_TYPE, ['null'], ['"null"'], ['null']],
  ],
  'is less than': [
    [TEXT, ['b'], ['a', '', 'B', 'az'], ['b', 'c', 'ba']],
    [TEXT, ['\uff5e'], ['z', '\ud7ff', '\uff5dz'], ['😀', '\uff5e']],
    [TEXT, ['😀'], ['\uff5e', '', 'z'], ['😀', '😀a', '😁']],
    [INT, ['5'], [4, -6], [5, 6]],
    [INT, ['5000000000'], [2147483647], []],
    [INT64, ['-9007199254740993'], ['-9007199254740994', '-99007199254740994'], ['-9007199254740993', '-5', '0', '7']],
    [FLOAT, ['1e308'], [-Infinity, -1.7e308, 0], [Infinity, 1e308, Number.NaN]],
    [DECIMAL, ['-1.5'], ['-1.51', '-10', '-2'], ['-1.5', '-1.50', '-1.49', '-1', '0', '3']],
    [DECIMAL, ['2'], ['1.99999', '-20', '0'], ['2', '2.000', '2.00001', '10']],
    [JSON_TYPE, ['670'], ['669.9', '-1e99', '1e-9999', '"67"', '"200"'], ['670.0', '1e9999', '"foo"', 'null', '[]']],
    [JSON_TYPE, ['foo'], ['"fon"', '"\\u0066"'], ['"foo"', '1', 'true', '{}']],
  ],
  'is less than or equal to': [
    [TEXT, ['b'], ['b', 'a'], ['ba']],
    [DECIMAL, ['2'], ['2.000', '1'], ['2.00001']],
    [FLOAT, ['2'], [2, -Infinity], [Number.NaN, 2.5]],
    [JSON_TYPE, ['2'], ['2e0', '"2"'], ['2.1', '"20"', '[]']],
  ],
  'is greater than': [
    [JSON_TYPE, ['670'], ['670.1', '1e9999', '"foo"'], ['670', '"67"', '-1e9999', 'true']],
    [JSON_TYPE, ['-0.001'], ['0', '-1e-9999', '-0.00099', '7'], ['-0.001', '-1e9999', '-0.0011']],
    [TEXT, ['\uff5e'], ['😀'], ['a', '\uff5e']],
    [FLOAT, ['1'], [Infinity, 2], [Number.NaN, 1]],
    [{ ...INT64, unsigned: true }, ['9223372036854775807'], ['18446744073709551615'], ['9223372036854775807', '1']],
  ],
  'is greater than or equal to': [
    [INT, ['5'], [5, 6], [4]],
    [FLOAT, ['5'], [5], [Number.NaN, 4]],
    [DECIMAL, ['0'], ['0', '0.000', '3'], ['-0.1']],
  ],
  'is between': [
    [TEXT, ['b', 'd'], ['b', 'czz', 'd'], ['a', 'da']],
    [TEXT, ['d', 'b'], [], ['b', 'c', 'd']],
    [INT, ['-1', '1'], [-1, 0, 1], [-2, 2]],
    [FLOAT, ['-1', '1'], [-1, 0, 1], [Number.NaN, Infinity]],
    [DECIMAL, ['-1.5', '1.5'], ['-1.50', '0', '1.5'], ['-1.51', '1.51']],
    [{ kind: 'year' }, ['1990', '2000'], [1990, 2000], [1989, 2001]],
    [{ kind: 'date' }, ['2024-01-01', '2024-01-31'], ['2024-01-01', '2024-01-31'], ['2024-02-01', '2023-12-31']],
    [{ kind: 'time' }, ['10:00:00', '11:00:00.5'], ['10:00:00', '11:00:00.5'], ['11:00:00.50001', '09:59:59.9']],
    [JSON_TYPE, ['1', '5'], ['1', '5.0', '"3"'], ['0', '6', '"6"', '"0"', 'null']],
    [JSON_TYPE, ['1', 'z'], ['"a"'], ['3']],
    [JSON_TYPE, ['a', '5'], [], ['3', '"b"']],
  ],
  'is one of': [
    [TEXT, ['a', 'b'], ['a', 'b'], ['c', '']],
    [INT, ['1', '2'], [1, 2], [3]],
    [INT64, ['1', '-2'], ['1', '-2'], ['2']],
    [FLOAT, ['0', '2.5'], [-0, 2.5], [Number.NaN]],
    [DECIMAL, ['1.50', '2'], ['1.5', '2.00000'], ['1', '20']],
    [{ kind: 'year' }, ['2024', '2025'], [2025], [2026]],
    [{ kind: 'datetime' }, ['2024-01-02T01:00+01:00', '2025'], ['2024-01-02 00:00:00'], ['2024-01-02 01:00:00']],
    [JSON_TYPE, ['1', 'a'], ['1.0', '"1"', '"a"'], ['2', '["a"]', 'null', 'true']],
  ],
  contains: [
    [TEXT, ['b'], ['abc', 'b'], ['ABC', '']],
    [{ kind: 'string', values: ['', 'a'] }, [''], ['a', ''], []],
    [JSON_TYPE, ['b'], ['"abc"', '["a","b"]', '["\\u0062"]'], ['"ac"', '["abc"]', '{"b":1}', 'null', 'true']],
    [JSON_TYPE, ['1'], ['[1.0]', '["1"]', '"21"', '[2, 1 ]'], ['1', '[[1]]', '["21"]', '[]']],
    [arrayOf(TEXT), ['b'], [['a', 'b']], [[], ['ab'], ['a', null]]],
    [arrayOf(FLOAT), ['0.5'], [[0.5]], [[1]]],
    [arrayOf({ kind: 'float', bitSize: 32 }), ['0.1'], [[Math.fround(0.1)]], [[0.25]]],
    [arrayOf(DECIMAL), ['0.5'], [['1', '0.50000']], [['5']]],
    [arrayOf(INT64), ['5'], [['5']], [['15']]],
    [arrayOf(JSON_TYPE), ['5'], [['1', '5.0'], ['"5"']], [['[5]'], ['null'], ['"15"']]],
  ],
  'starts with': [
    [TEXT, ['ab'], ['ab', 'abc'], ['Ab', 'cab', '']],
    [JSON_TYPE, ['1'], ['"12"'], ['12', '["1"]', '"21"']],
  ],
  'ends with': [
    [TEXT, ['bc'], ['bc', 'abc'], ['bcd', '']],
    [JSON_TYPE, ['é'], ['"caf\\u00e9"'], ['"é "', '12']],
  ],
  'is before': [
    [{ kind: 'year' }, ['2000'], [1999, 1], [2000, 2001]],
    [
      { kind: 'datetime' },
      ['2024-01-02T10:20:30.5'],
      ['2024-01-02 10:20:30', '2024-01-02 10:20:30.499999999', '0001-01-01 00:00:00'],
      ['2024-01-02 10:20:30.5', '2024-01-02 10:20:30.500000001', '2024-01-02 10:20:31'],
    ],
    [JSON_TYPE, ['2024-01-02'], ['"2024-01-01T23:59:59Z"', '"2023"', '"2024-01-02T00:30:00+01:00"'], ['"2024-01-02"']],
    [JSON_TYPE, ['2024'], [], ['2023', '"x"', '"0000"', '"2025"', 'null', '["2023"]']],
    [JSON_TYPE, ['x'], [], ['"2023"', '"w"']],
  ],
  'is on or before': [
    [{ kind: 'date' }, ['2024-01-02'], ['2024-01-02', '2023-12-31'], ['2024-01-03']],
    [JSON_TYPE, ['2024-01-02'], ['"2024-01-02 00:00:00.000"'], ['"2024-01-02T00:00:00.1"']],
  ],
  'is after': [
    [{ kind: 'time' }, ['10:20:30'], ['10:20:30.1', '23:00:00'], ['10:20:30', '09:00:00']],
    [{ kind: 'year' }, ['999'], [1000], [999, 998]],
    [JSON_TYPE, ['2024-01-02T10:00'], ['"2024-01-02T10:00:01"'], ['"2024-01-02T10:00"', '"x"']],
  ],
  'is on or after': [[{ kind: 'year' }, ['2024'], [2024, 2025], [2023]]],
};

/** The operators that hold exactly where another one does not. */
const COMPLEMENTS: Partial<Record<FilterOperator, FilterOperator>> = {
  is: 'is not',
  'is between': 'is not between',
  'is one of': 'is not one of',
  contains: 'does not contain',
};

const rows = Object.entries(CASES).flatMap(([operator, cases]) =>
  cases.map((entry) => [operator as FilterOperator, ...entry] as const),
);

describe('comparisons', () => {
  test.each(rows)('%s, on %j, with %j', (operator, type, values, holding, failing) => {
    for (const value of holding) expect([value, holds(type, operator, values, value)]).toEqual([value, true]);
    for (const value of [...failing, null, undefined]) {
      expect([value, holds(type, operator, values, value)]).toEqual([value, false]);
    }
  });

  const negated = rows.filter(([operator]) => COMPLEMENTS[operator] !== undefined);
  test.each(negated)('the negation of %s, on %j, with %j', (operator, type, values, failing, holding) => {
    const negation = COMPLEMENTS[operator] ?? operator;
    for (const value of failing) expect([value, holds(type, negation, values, value)]).toEqual([value, false]);
    for (const value of [...holding, null, undefined]) {
      expect([value, holds(type, negation, values, value)]).toEqual([value, true]);
    }
  });
});

describe('states', () => {
  const BOOLEAN: Type = { kind: 'boolean' };
  const OBJECT: Type = schemaOf(TEXT);
  test.each<[FilterOperator, Type, readonly (Value | undefined)[], readonly (Value | undefined)[]]>([
    ['is true', BOOLEAN, [true], [false, null, undefined]],
    ['is false', BOOLEAN, [false], [true, null, undefined]],
    ['is true', JSON_TYPE, ['true', ' true'], ['false', '"true"', '1', 'null', null, undefined]],
    ['is false', JSON_TYPE, ['false', 'null', '0', '"x"', '[]', '{}'], ['true', ' true ', null, undefined]],
    ['is empty', TEXT, ['', null, undefined], [' ', 'x']],
    [
      'is empty',
      JSON_TYPE,
      ['null', '""', '[ ]', ' {}\n', null, undefined],
      ['0', 'false', '" "', '[null]', '{"a":1}'],
    ],
    ['is empty', arrayOf(TEXT), [[], null, undefined], [['']]],
    ['is empty', MAP, [{}, null, undefined], [{ a: null }]],
    ['is empty', OBJECT, [{}, null, undefined], [{ p: null }]],
    ['is null', TEXT, [null], ['', 'null', undefined]],
    ['is null', JSON_TYPE, [null, 'null', ' null '], ['"null"', '0', undefined]],
    ['exists', TEXT, [null, ''], [undefined]],
    ['exists', JSON_TYPE, [null, 'null'], [undefined]],
  ])('%s, on %j', (operator, type, holding, failing) => {
    for (const value of holding) expect([value, holds(type, operator, undefined, value)]).toEqual([value, true]);
    for (const value of failing) expect([value, holds(type, operator, undefined, value)]).toEqual([value, false]);
  });

  test.each<[FilterOperator, FilterOperator]>([
    ['is empty', 'is not empty'],
    ['is null', 'is not null'],
    ['exists', 'does not exist'],
  ])('"%s" and "%s" are opposites', (operator, opposite) => {
    for (const value of ['', 'null', '{}', '1', null, undefined]) {
      expect(holds(JSON_TYPE, opposite, undefined, value)).toBe(!holds(JSON_TYPE, operator, undefined, value));
    }
  });
});

describe('the way to the value', () => {
  const flags = { description: '', nullable: true, readOptional: true };
  const SCHEMA: ObjectType = {
    kind: 'object',
    properties: [
      { name: 'first', type: TEXT, ...flags },
      {
        name: 'o',
        type: {
          kind: 'object',
          properties: [
            { name: 'constructor', type: TEXT, ...flags },
            { name: 'j', type: JSON_TYPE, ...flags },
          ],
        },
        ...flags,
      },
    ],
  };
  const meets = (operator: string, values: string[] | undefined, property: string, o: Value | undefined): boolean => {
    const row: Value[] = ['x'];
    if (o !== undefined) row[1] = o;
    return compileFilter(parseFilter(filterOf(operator, values, property), SCHEMA, 'import'), SCHEMA)(row);
  };

  test('below an object, a key that is lacking is missing and one that is null exists', () => {
    const path = 'o.constructor';
    expect(meets('is', ['v'], path, { constructor: 'v' })).toBe(true);
    expect(meets('exists', undefined, path, { constructor: null })).toBe(true);
    expect(meets('is null', undefined, path, { constructor: null })).toBe(true);
    for (const o of [undefined, null, {}, { j: '1' }]) {
      expect(meets('exists', undefined, path, o)).toBe(false);
      expect(meets('is null', undefined, path, o)).toBe(false);
      expect(meets('is not null', undefined, path, o)).toBe(true);
      expect(meets('is empty', undefined, path, o)).toBe(true);
      expect(meets('is not', ['v'], path, o)).toBe(true);
    }
  });

  test('a path into json goes through its objects only', () => {
    expect(meets('is', ['7'], 'o.j.a.b', { j: ' {"x":{"b":1},"a" : {"\\u0062": 7.0}}' })).toBe(true);
    expect(meets('exists', undefined, 'o.j.a', { j: '{"a":null}' })).toBe(true);
    expect(meets('is null', undefined, 'o.j.a', { j: '{"a":null}' })).toBe(true);
    for (const j of ['{"b":1}', '[{"a":1}]', '["a",1]', '"a"', 'null', '7', null]) {
      expect(meets('exists', undefined, 'o.j.a', { j })).toBe(false);
      expect(meets('is null', undefined, 'o.j.a', { j })).toBe(false);
    }
    expect(meets('does not exist', undefined, 'o.j.constructor', { j: '{}' })).toBe(true);
    expect(meets('does not exist', undefined, 'o.j.a.b', { j: '{"a":null}' })).toBe(true);
  });

  test('the filter of another schema is not compiled', () => {
    const filter = parseFilter(filterOf('is', ['1'], 'o.constructor'), SCHEMA, 'import');
    expect(() => compileFilter(filter, schemaOf(TEXT))).toThrow('property path "o" does not exist');
  });
});

describe('several conditions', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const schema: ObjectType = {
    kind: 'object',
    properties: names.map((name) => ({ name, type: { kind: 'boolean' }, description: '' })),
  };
  const conditions = (count: number) => names.slice(0, count).map((property) => ({ property, operator: 'is true' }));

  test.each([1, 2, 3, 4, 5, 8])('of %i, "and" wants all and "or" one', (count) => {
    const and = compileFilter(parseFilter({ logical: 'and', conditions: conditions(count) }, schema, 'import'), schema);
    const or = compileFilter(parseFilter({ logical: 'or', conditions: conditions(count) }, schema, 'import'), schema);
    for (let bits = 0; bits < 2 ** count; bits++) {
      // What lies behind the conditions must not matter.
      const row = names.map((_, index) => (index < count ? ((bits >> index) & 1) === 1 : bits % 2 === 0));
      const relevant = row.slice(0, count);
      expect([and(row), or(row)]).toEqual([relevant.every(Boolean), relevant.some(Boolean)]);
    }
  });
});
