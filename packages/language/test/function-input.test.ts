import { expect, test } from 'vitest';
import type { ObjectType, Type, Value } from '../src/index.js';
import { type Flags, objectOf, propertyOf, runTrial, type Trial } from './function-support.js';

const SHOW = `const show = (v) => typeof v === 'bigint' ? v + 'n' : typeof v === 'number' && !Number.isFinite(v) ? String(v)
  : Array.isArray(v) ? '[' + v.map(show).join() + ']' : v !== null && typeof v === 'object'
  ? '{' + Object.keys(v).map((k) => k + ':' + show(v[k])).join() + '}' : JSON.stringify(v);
  const transform = (r) => ({ x: show(r) });`;

/** How a function sees the record of one row. */
function seen(input: ObjectType, row: readonly Value[], changes: Partial<Trial> = {}): unknown {
  const [outcome] = runTrial({ input, source: SHOW, rows: [row], ...changes });
  return typeof outcome === 'string' ? outcome : outcome?.x;
}

const seenValue = (type: Type, value: Value, preserveJSON = false): unknown =>
  seen(objectOf(propertyOf('v', type)), [value], { preserveJSON });

const INT64 = { kind: 'int', bitSize: 64 } as const;
const FLOAT = { kind: 'float', bitSize: 64 } as const;
const INNER = objectOf(propertyOf('i', INT64), propertyOf('s', { kind: 'string' }), propertyOf('j', { kind: 'json' }));

test.each<[string, Type, Value, string]>([
  ['string', { kind: 'string' }, 'a"b\u001f\0', '"a\\"b\\u001f\\u0000"'],
  ['ip', { kind: 'ip' }, '::1', '"::1"'],
  ['uuid', { kind: 'uuid' }, '0b0e0f10-0000-4000-8000-000000000000', '"0b0e0f10-0000-4000-8000-000000000000"'],
  ['boolean', { kind: 'boolean' }, false, 'false'],
  ['int of 32 bits', { kind: 'int', bitSize: 32 }, -7, '-7'],
  ['int of 64 bits', INT64, '-9223372036854775808', '-9223372036854775808n'],
  ['unsigned int of 64 bits', { ...INT64, unsigned: true }, '18446744073709551615', '18446744073709551615n'],
  ['year', { kind: 'year' }, 2024, '2024'],
  ['float', FLOAT, 1.5, '1.5'],
  ['NaN', FLOAT, Number.NaN, 'NaN'],
  ['an infinity', FLOAT, -Infinity, '-Infinity'],
  ['real float', { ...FLOAT, real: true }, 0.1, '0.1'],
  ['decimal', { kind: 'decimal', precision: 5, scale: 2 }, '1.50', '"1.50"'],
  ['datetime', { kind: 'datetime' }, '2024-02-29 10:20:30.123456789', '"2024-02-29T10:20:30.123456789Z"'],
  ['date', { kind: 'date' }, '2024-02-29', '"2024-02-29"'],
  ['time', { kind: 'time' }, '10:20:30.5', '"10:20:30.5"'],
  ['json', { kind: 'json' }, '{"a": [1, null, 1e2]}', '{a:[1,null,100]}'],
  ['JSON null', { kind: 'json' }, 'null', 'null'],
  ['array', { kind: 'array', elementType: INT64 }, ['1', '2'], '[1n,2n]'],
  [
    'array of datetimes',
    { kind: 'array', elementType: { kind: 'datetime' } },
    ['2024-01-01 00:00:00'],
    '["2024-01-01T00:00:00Z"]',
  ],
  ['map', { kind: 'map', elementType: FLOAT }, { ['__proto__']: 1, b: Infinity }, '{__proto__:1,b:Infinity}'],
  ['map of plain values', { kind: 'map', elementType: { kind: 'string' } }, { constructor: 'c' }, '{constructor:"c"}'],
  ['object', INNER, { i: '5', j: '[1]' }, '{i:5n,j:[1]}'],
  ['object with null', INNER, { i: null, s: null, j: null }, '{i:null,s:null,j:null}'],
  [
    'array of objects of maps',
    { kind: 'array', elementType: objectOf(propertyOf('m', { kind: 'map', elementType: INT64 })) },
    [{ m: { k: '3' } }],
    '[{m:{k:3n}}]',
  ],
])('%s', (_, type, value, expected) => {
  expect(seenValue(type, value)).toBe(`{v:${expected}}`);
});

test('json is handed over as its raw text where it is to be preserved', () => {
  expect(seenValue({ kind: 'json' }, '{"a": 1.00}', true)).toBe('{v:"{\\"a\\": 1.00}"}');
  expect(seenValue({ kind: 'array', elementType: { kind: 'json' } }, ['1.0'], true)).toBe('{v:["1.0"]}');
});

test.each<[Flags, string]>([
  [{ nullable: true }, '{v:null}'],
  [{ nullable: true, readOptional: true }, '{v:null}'],
  [{ readOptional: true }, '{}'],
])('a property without a value is null where it is nullable, and absent else', (flags, expected) => {
  for (const type of [{ kind: 'string' }, INT64, INNER] as const) {
    expect(seen(objectOf(propertyOf('v', type, flags)), [null])).toBe(expected);
  }
});

test('a record has the selected properties alone, at every depth', () => {
  const schema = objectOf(
    propertyOf('a', objectOf(propertyOf('b', INT64), propertyOf('c', { kind: 'string' }), propertyOf('d', INNER))),
    propertyOf('e', { kind: 'string' }),
    propertyOf('f', INNER),
  );
  const row = [{ b: '1', c: 'c', d: { i: '2', s: 's' } }, 'e', { s: 'x' }];
  expect(seen(schema, row, { inPaths: ['f', 'a.d.s', 'a.b'] })).toBe('{a:{b:1n,d:{s:"s"}},f:{s:"x"}}');
  expect(seen(schema, row, { inPaths: ['e'] })).toBe('{e:"e"}');
  expect(seen(schema, [{ b: null }, null, null], { inPaths: ['f', 'a.d.s', 'a.b'] })).toBe('{a:{b:null},f:null}');
});

test('properties may have the names that all objects have', () => {
  const names = ['__proto__', 'constructor', 'toString', 'toJSON', 'value', 'result', 'flat'];
  const schema = objectOf(...names.map((name) => propertyOf(name, { kind: 'string' })));
  const row = names.map((name) => name.toUpperCase());
  const outcome = runTrial({
    input: schema,
    output: schema,
    source: 'const transform = (r) => ({ ...r })',
    rows: [row],
  });
  expect(outcome).toEqual([Object.fromEntries(names.map((name, index) => [name, row[index]]))]);
  const optional = objectOf(propertyOf('__proto__', INT64, { readOptional: true }));
  expect(seen(optional, ['7'])).toBe('{__proto__:7n}');
});

test('texts come apart as they were put together, whatever is in them', () => {
  const schema = objectOf(propertyOf('x', { kind: 'string' }), propertyOf('y', { kind: 'string' }));
  const columns = [
    ['a\u007f', '', '\u007f'],
    ['', '', ''],
    ['a', null, 'null'],
    ['\ud83d\ude00', 'è', 'a\0b'],
  ];
  const identity = 'const transform = (r) => r';
  for (const x of columns) {
    for (const y of columns) {
      const rows = [0, 1, 2].map((index) => [x[index] ?? null, y[index] ?? null]);
      const expected = rows.map(([first, second]) => ({ x: first, y: second }));
      expect(runTrial({ input: schema, output: schema, source: identity, rows })).toEqual(expected);
    }
  }
  expect(runTrial({ source: identity, rows: [['']] })).toEqual([{ x: '' }]);
  expect(runTrial({ source: identity, rows: [] })).toEqual([]);
});
