import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILTER_OPERATORS, FilterError, filterToJson, type ObjectType, parseFilter, type Type } from '../src/index.js';
import { filterOf, KIND_SAMPLES, messagesOf, schemaOf, violationsOf } from './filter-cases.js';

const TEXT: Type = { kind: 'string' };
const int = (bitSize: 8 | 32 | 64, unsigned = false): Type => ({ kind: 'int', bitSize, ...(unsigned && { unsigned }) });

const SCHEMA: ObjectType = {
  kind: 'object',
  properties: [
    { name: 'z', type: TEXT, description: '' },
    {
      name: 'a',
      description: '',
      type: {
        kind: 'object',
        properties: [
          { name: 'b', type: int(32), description: '' },
          { name: 'j', type: { kind: 'json' }, description: '' },
        ],
      },
    },
    { name: 'list', type: { kind: 'array', elementType: schemaOf(TEXT) }, description: '' },
    { name: 'map', type: { kind: 'map', elementType: TEXT }, description: '' },
  ],
};

describe('the shape of a filter', () => {
  const one = { property: 'z', operator: 'is', values: ['x'] };
  test.each<[unknown, string, string]>([
    [null, '', 'an object with the keys "logical", "conditions" is expected'],
    [[], '', 'an object with the keys "logical", "conditions" is expected'],
    [{ logical: 'and', conditions: [one], x: 1 }, '', 'unknown key "x"'],
    [{ logical: 'And', conditions: [one] }, 'logical', 'invalid logical operator "And"'],
    [{ conditions: [one] }, 'logical', 'invalid logical operator ""'],
    [{ logical: 'and' }, 'conditions', 'conditions are missing'],
    [{ logical: 'and', conditions: null }, 'conditions', 'conditions are missing'],
    [{ logical: 'and', conditions: [] }, 'conditions', 'conditions are missing'],
    [{ logical: 'and', conditions: {} }, 'conditions', 'conditions must be an array'],
    [{ logical: 'and', conditions: Array(101).fill(one) }, 'conditions', 'a filter can have at most 100 conditions'],
    [
      { logical: 'and', conditions: [one, 'x'] },
      'conditions[1]',
      'an object with the keys "property", "operator", "values" is expected',
    ],
    [{ logical: 'or', conditions: [{ ...one, value: 1 }] }, 'conditions[0]', 'unknown key "value"'],
  ])('%j', (json, path, message) => {
    expect(violationsOf(json, SCHEMA)).toEqual([{ path, message }]);
  });

  test('100 conditions are not too many, nor are 1,000 values', () => {
    expect(violationsOf({ logical: 'or', conditions: Array(100).fill(one) }, SCHEMA)).toEqual([]);
    expect(violationsOf(filterOf('is one of', Array(1000).fill('x'), 'z'), SCHEMA)).toEqual([]);
  });

  test('all violations are reported, each with its place', () => {
    const json = {
      logical: 'xor',
      conditions: [
        { property: 'z', operator: 'is', values: ['', '\0', 'fine'] },
        { property: 'a.c', operator: 'equals' },
        one,
        { property: 'a.b', operator: 'is between', values: ['x', 7] },
      ],
    };
    const violations = violationsOf(json, SCHEMA);
    expect(violations).toEqual([
      { path: 'logical', message: 'invalid logical operator "xor"' },
      { path: 'conditions[0].values', message: 'only one value can be used with the operator "is"' },
      { path: 'conditions[0].values[0]', message: 'condition value is empty' },
      { path: 'conditions[0].values[1]', message: 'condition value contains the NUL byte' },
      { path: 'conditions[1].property', message: 'property path "a.c" does not exist' },
      { path: 'conditions[1].operator', message: 'operator "equals" is not valid' },
      { path: 'conditions[3].values[0]', message: 'value of the "a.b" property is not a valid int' },
      { path: 'conditions[3].values[1]', message: 'condition value must be a string' },
    ]);
    expect(() => parseFilter(json, SCHEMA, 'import')).toThrow(
      'logical: invalid logical operator "xor"; conditions[0].values: only one value',
    );
  });
});

describe('property paths', () => {
  test.each([
    ['', 'property path is not valid'],
    ['a..b', 'property path is not valid'],
    ['a.b ', 'property path is not valid'],
    ['a.j.1', 'property path is not valid'],
    [7, 'property path is not valid'],
    [undefined, 'property path is not valid'],
    ['y', 'property path "y" does not exist'],
    ['a.x.y', 'property path "a.x" does not exist'],
    ['a.b.c', 'property path "a.b.c" does not exist'],
    ['list.p', 'property path "list.p" does not exist'],
    ['map.p', 'property path "map.p" does not exist'],
    ['constructor', 'property path "constructor" does not exist'],
  ])('%j is refused', (property, message) => {
    const json = { logical: 'and', conditions: [{ property, operator: 'is', values: ['x'] }] };
    expect(violationsOf(json, SCHEMA)).toEqual([{ path: 'conditions[0].property', message }]);
  });

  test('a path goes through objects and on below json; what is read is the property, sorted and once', () => {
    const conditions = ['z', 'a.j.k.constructor', 'a.j', 'a.b', 'z'].map((property) => ({
      property,
      operator: 'is',
      values: ['1'],
    }));
    const filter = parseFilter({ logical: 'and', conditions }, SCHEMA, 'import');
    expect(filter.inPaths).toEqual(['a.b', 'a.j', 'z']);
    expect(filter.conditions[1]).toEqual({
      path: ['a', 'j'],
      jsonKeys: ['k', 'constructor'],
      type: { kind: 'json' },
      operator: 'is',
      operands: ['1'],
    });
  });
});

describe('the number of values', () => {
  const only = (operator: string) => `only one value can be used with the operator "${operator}"`;
  test.each<[string, unknown, string]>([
    ['is', undefined, only('is')],
    ['is', null, only('is')],
    ['starts with', [], only('starts with')],
    ['is', ['1', '2'], only('is')],
    ['is between', ['1'], 'two values must be used with the operator "is between"'],
    ['is not between', ['1', '2', '3'], 'two values must be used with the operator "is not between"'],
    ['is one of', [], 'at least one value must be used with the operator "is one of"'],
    ['is not one of', undefined, 'at least one value must be used with the operator "is not one of"'],
    ['is one of', Array(1001).fill(''), 'at most 1,000 values can be used with the operator "is one of"'],
    ['is empty', [], 'values cannot be used with the operator "is empty"'],
    ['is null', ['1'], 'values cannot be used with the operator "is null"'],
    ['is', 'x', 'values must be an array of strings'],
    ['is true', {}, 'values must be an array of strings'],
  ])('"%s" with %j', (operator, values, message) => {
    const json = { logical: 'and', conditions: [{ property: 'p', operator, values }] };
    expect(violationsOf(json, schemaOf({ kind: 'json' }))).toEqual([{ path: 'conditions[0].values', message }]);
  });

  test('operators without values take null for none', () => {
    const json = { logical: 'and', conditions: [{ property: 'p', operator: 'is empty', values: null }] };
    expect(violationsOf(json, schemaOf(TEXT))).toEqual([]);
  });
});

describe('the values', () => {
  const enumeration: Type = { kind: 'string', values: ['', 'x', 'l'.repeat(61)] };
  const notAllowed = 'value of the "p" property is not among the allowed values';
  test.each<[Type, string, string]>([
    [TEXT, '', 'condition value is empty'],
    [TEXT, 'a\0', 'condition value contains the NUL byte'],
    [TEXT, '😀'.repeat(61), 'condition value is longer than 60 runes'],
    [TEXT, 'a\ud800', 'condition value contains invalid UTF-8 encoded characters'],
    [int(32), '', 'condition value is empty'],
    [enumeration, 'z', notAllowed],
    [enumeration, '\0', notAllowed],
  ])('%j refuses %j', (type, value, message) => {
    expect(messagesOf(type, 'is', [value])).toEqual([message]);
  });

  test('texts may have 60 code points, allowed values any number of them', () => {
    expect(messagesOf(TEXT, 'is', ['😀'.repeat(60)])).toEqual([]);
    expect(messagesOf(enumeration, 'is one of', ['', 'x', 'l'.repeat(61)])).toEqual([]);
  });

  test('elements of arrays are checked as their type is', () => {
    const array = (elementType: Type): Type => ({ kind: 'array', elementType });
    expect(messagesOf(array(int(8)), 'contains', ['x'])).toEqual(['value of the "p" property is not a valid int']);
    expect(messagesOf(array(enumeration), 'contains', ['z'])).toEqual([notAllowed]);
    expect(messagesOf(array(enumeration), 'contains', [''])).toEqual([]);
  });

  const uuid = '12345678-ABCD-abcd-abcd-1234567890ab';
  test.each<[Type, string, unknown]>([
    [TEXT, ' any ', ' any '],
    [{ kind: 'json' }, '{"a"', '{"a"'],
    [int(8), '-0', 0],
    [int(8), '+7', 7],
    [int(8), '4000000000', 4_000_000_000],
    [int(8), '-9223372036854775808', '-9223372036854775808'],
    [int(64), '+0', '0'],
    [int(64), '-17', '-17'],
    [int(64, true), '18446744073709551615', '18446744073709551615'],
    [{ kind: 'float', bitSize: 64 }, '-01.50E+2', -150],
    [{ kind: 'float', bitSize: 64 }, '1e-999', 0],
    [{ kind: 'float', bitSize: 32 }, '0.1', Math.fround(0.1)],
    [{ kind: 'decimal', precision: 3 }, '+12.500e-1', '1.25'],
    [{ kind: 'decimal', precision: 3 }, '.5', '0.5'],
    [{ kind: 'decimal', precision: 3 }, '-5.', '-5'],
    [{ kind: 'decimal', precision: 3 }, '-0.00', '0'],
    [{ kind: 'datetime' }, '2024-1-2', '2024-01-02 00:00:00'],
    [{ kind: 'datetime' }, '2024-01-02T10:20:30.1234567890+01', undefined],
    [{ kind: 'datetime' }, '2024-01-02 10:20:30.123456780+01', '2024-01-02 09:20:30.12345678'],
    [{ kind: 'date' }, '0001-02-28', '0001-02-28'],
    [{ kind: 'time' }, '10:20:30.50 Z', '10:20:30.5'],
    [{ kind: 'year' }, '0099', 99],
    [{ kind: 'uuid' }, uuid, uuid.toLowerCase()],
    [{ kind: 'ip' }, '0:0::FFFF:0102:0304', '::ffff:1.2.3.4'],
    [{ kind: 'ip' }, 'fe80::1%eth0', 'fe80::1%eth0'],
  ])('%j reads %s as %j', (type, value, operand) => {
    if (operand === undefined) expect(messagesOf(type, 'is', [value])).toHaveLength(1);
    else
      expect(parseFilter(filterOf('is', [value]), schemaOf(type), 'import').conditions[0]?.operands).toEqual([operand]);
  });

  const refusedValues: [Type, string[]][] = [
    [int(8), ['01', '+', '-', '1.0', '1e2', ' 1', '9223372036854775808', '-9223372036854775809', '٣']],
    [int(64), ['9223372036854775808', '00', '--1', 'x']],
    [int(64, true), ['-0', '-1', '+1', '01', '18446744073709551616', '28446744073709551615']],
    [{ kind: 'float', bitSize: 64 }, ['NaN', 'Infinity', 'inf', '1.', '.5', '1e', '0x1', '1e309']],
    [{ kind: 'float', bitSize: 32 }, ['3.5e38', '-3.5e38']],
    [{ kind: 'decimal', precision: 3 }, ['.', '01', '1e', '1e1001', 'NaN', '1 ']],
    [{ kind: 'datetime' }, ['x', '0000-01-01', '2024-02-30', '2024-01-02T24:00', '2024-01-02T10:20:30-00:00']],
    [{ kind: 'date' }, ['2024-1-2', '2023-02-29', '0000-01-01', '2024-01-02T00:00:00']],
    [{ kind: 'time' }, ['10:20', '24:00:00', '10-20-30']],
    [{ kind: 'year' }, ['0', '0000', '10000', '-1', '+1', 'x']],
    [{ kind: 'uuid' }, ['12345678abcdabcdabcd1234567890ab', `{${uuid}}`, uuid.replace('A', 'g')]],
    [{ kind: 'ip' }, ['1.2.3', '01.2.3.4', '1.2.3.4/8', ':::', '::1%', 'fe80::1%', `::ffff:1:1%${'z'.repeat(49)}`]],
  ];
  test.each(refusedValues)('%j refuses %j', (type, values) => {
    for (const value of values) {
      expect([value, ...messagesOf(type, 'is', [value])]).toEqual([
        value,
        `value of the "p" property is not a valid ${type.kind}`,
      ]);
    }
  });
});

describe('any JSON', () => {
  const samples = Object.values(KIND_SAMPLES).map(([type]) => schemaOf(type, { nullable: true, readOptional: true }));
  const likely = fc.record(
    {
      logical: fc.oneof(fc.constantFrom('and', 'or'), fc.jsonValue()),
      conditions: fc.oneof(
        fc.array(
          fc.record(
            {
              property: fc.oneof(fc.constantFrom('p', 'p.p', 'p.a'), fc.string()),
              operator: fc.oneof(fc.constantFrom(...FILTER_OPERATORS), fc.jsonValue()),
              values: fc.oneof(
                fc.array(
                  fc.oneof(fc.constantFrom('1', '2024-01-02', 'x'), fc.string({ unit: 'binary' }), fc.jsonValue()),
                ),
                fc.jsonValue(),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );

  test('is a filter, or refused with reasons', () => {
    fc.assert(
      fc.property(
        fc.oneof(likely, fc.jsonValue()),
        fc.constantFrom(...samples),
        fc.constantFrom('import', 'export', 'events'),
        (json, schema, use) => {
          try {
            expect(parseFilter(json, schema, use).conditions.length).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof FilterError)) throw error;
            expect(error.violations.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a filter is the same after it was written and read again', () => {
    const digits = fc.stringMatching(/^[0-9]{0,58}$/);
    const numeric = fc
      .tuple(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        fc.constantFrom('', 'e5', 'E-90', 'e-940'),
      )
      .map((parts) => parts.join('').slice(0, 60));
    const value = fc.oneof(
      numeric,
      fc.double().map(String),
      fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('10:20:30.00100', '2024', '2024-01-02T10:20:30.123456789-11:30', 'fe80::a%1', '::ffff:102:304'),
      fc.uuid().map((uuid) => uuid.toUpperCase()),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.constantFrom(...FILTER_OPERATORS),
        value,
        value,
        (schema, operator, a, b) => {
          for (const values of [undefined, [a], [a, b]]) {
            const json = filterOf(operator, values);
            if (violationsOf(json, schema).length > 0) continue;
            const filter = parseFilter(json, schema, 'import');
            expect(parseFilter(JSON.parse(JSON.stringify(filterToJson(filter))), schema, 'import')).toEqual(filter);
            accepted++;
          }
        },
      ),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  test.each([
    [{ kind: 'float', bitSize: 64 }, '1000000', '1e+06'],
    [{ kind: 'float', bitSize: 32 }, '0.10000000149', '0.1'],
    [{ kind: 'datetime' }, '2024-01-02T10:20:30.5+01:00', '2024-01-02T09:20:30.5'],
    [{ kind: 'decimal', precision: 3 }, '-5e300', '-5e300'],
    [{ kind: 'decimal', precision: 3 }, `.${'1'.repeat(59)}`, `.${'1'.repeat(59)}`],
    [{ kind: 'decimal', precision: 3 }, '1.50e1', '15'],
  ] as const)('%j writes %s as %s', (type, value, text) => {
    const filter = parseFilter(filterOf('is', [value]), schemaOf(type), 'import');
    expect(filterToJson(filter).conditions[0]?.values).toEqual([text]);
  });
});
