import { compileFunction, type FunctionDefinition, type ObjectType, type Type } from '@penstock/language';
import { afterAll, describe, expect, test } from 'vitest';
import type { FunctionSandbox } from '../src/index.js';
import { openPython, runRows } from './python-support.js';
import { schemaOf } from './support.js';

const text: Type = { kind: 'string' };

const TYPES: Readonly<Record<string, Type>> = {
  s: { kind: 'string', maxLength: 5 },
  b: { kind: 'boolean' },
  i: { kind: 'int', bitSize: 32 },
  l: { kind: 'int', bitSize: 64 },
  f: { kind: 'float', bitSize: 64 },
  r: { kind: 'float', bitSize: 64, real: true },
  d: { kind: 'decimal', precision: 6, scale: 2 },
  m: { kind: 'datetime' },
  day: { kind: 'date' },
  t: { kind: 'time' },
  y: { kind: 'year' },
  u: { kind: 'uuid' },
  ip: { kind: 'ip' },
  j: { kind: 'json' },
  a: { kind: 'array', elementType: { kind: 'decimal', precision: 6, scale: 2 } },
  k: { kind: 'map', elementType: { kind: 'uuid' } },
  o: { kind: 'object', properties: [{ name: 'x', type: text, nullable: true, description: '' }] },
  aj: { kind: 'array', elementType: { kind: 'json' } },
  n: { kind: 'array', elementType: { kind: 'array', elementType: { kind: 'float', bitSize: 64 } } },
};

const OUTPUT: ObjectType = schemaOf(TYPES);
const INPUT = schemaOf({ code: { kind: 'string' } });
const UUID = '0190a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b';

/** Returns what the code in a record says. */
const SOURCE = `import datetime, decimal, enum, uuid, collections, json
from datetime import timezone, timedelta
from decimal import Decimal
class Level(enum.IntEnum):
    HIGH = 3
class Name(str): pass
def circle():
    value = {}
    value["x"] = value
    return value
async def later(): return {}
def many(): yield {}
class Unspeakable(Exception):
    def __str__(self): raise ValueError
def throw(error): raise error
def transform(record):
    return eval(record["code"])
`;

const definition: FunctionDefinition = {
  ...{ language: 'Python', source: SOURCE, preserveJSON: false },
  ...{ inPaths: ['code'], outPaths: Object.keys(TYPES) },
};
const compiled = compileFunction(definition, INPUT, OUTPUT);
const sandbox: FunctionSandbox = openPython(compiled);
afterAll(() => sandbox.close());

async function outcome(code: string): Promise<unknown> {
  const [result] = await runRows(compiled, [[code]], sandbox);
  if (!Array.isArray(result)) return result;
  return Object.fromEntries(
    compiled.outPaths.map((path, index) => [path, result[index]]).filter(([, v]) => v !== null),
  );
}

const READ: readonly (readonly [code: string, values: Record<string, unknown>])[] = [
  ['{}', {}],
  ['collections.OrderedDict(s="a")', { s: 'a' }],
  ['{"s": None}', {}],
  ['{"s": Name("ab")}', { s: 'ab' }],
  ['{"b": True}', { b: true }],
  ['{"i": -5, "y": 2024, "l": 2**63 - 1}', { i: -5, y: 2024, l: '9223372036854775807' }],
  ['{"i": Level.HIGH, "l": Level.HIGH}', { i: 3, l: '3' }],
  ['{"f": 0.1, "r": 1e300}', { f: 0.1, r: 1e300 }],
  ['{"f": float("inf")}', { f: Infinity }],
  ['{"f": float("-inf")}', { f: -Infinity }],
  ['{"f": float("nan")}', { f: Number.NaN }],
  ['{"f": 5}', { f: 5 }],
  [
    '{"n": [[1.5, float("inf")], (float("nan"), 2)]}',
    {
      n: [
        [1.5, Infinity],
        [Number.NaN, 2],
      ],
    },
  ],
  ['{"d": Decimal("12.50")}', { d: '12.50' }],
  ['{"d": Decimal("1E+2")}', { d: '100' }],
  ['{"d": "12.5"}', { d: '12.5' }],
  ['{"m": datetime.datetime(2024, 2, 29, 10, 20, 30, 500)}', { m: '2024-02-29 10:20:30.0005' }],
  ['{"m": datetime.datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=2)))}', { m: '2024-02-28 22:00:00' }],
  ['{"m": "2024-02-29 10:20:30.5"}', { m: '2024-02-29 10:20:30.5' }],
  ['{"m": "2024-02-29T10:20:30+01:00"}', { m: '2024-02-29 09:20:30' }],
  ['{"day": datetime.date(1, 1, 1), "t": datetime.time(1, 2, 3)}', { day: '0001-01-01', t: '01:02:03' }],
  ['{"day": "2024-02-29", "t": "01:02:03.5"}', { day: '2024-02-29', t: '01:02:03.5' }],
  [`{"u": uuid.UUID("${UUID}"), "ip": "10.0.0.1"}`, { u: UUID, ip: '10.0.0.1' }],
  [`{"u": "{${UUID.toUpperCase()}}"}`, { u: UUID }],
  ['{"j": {"a": [1, 2**70, None, True, "é"]}}', { j: '{"a":[1,1180591620717411303424,null,true,"\\u00e9"]}' }],
  ['{"j": [Decimal("1.50"), datetime.date(2024, 1, 2), (1,)]}', { j: '["1.50","2024-01-02",[1]]' }],
  ['{"j": [float("inf"), float("nan")]}', { j: '["Infinity","NaN"]' }],
  [
    '{"a": [Decimal("1.5"), "2"], "k": {"é": uuid.UUID(int=0)}}',
    { a: ['1.5', '2'], k: { é: '00000000-0000-0000-0000-000000000000' } },
  ],
  ['{"o": {"x": "a"}, "aj": [1, None, {"a": "b"}]}', { o: { x: 'a' }, aj: ['1', 'null', '{"a":"b"}'] }],
  ['{"s": "a\\x1fb", "ip": "::1"}', { s: 'a\u001fb', ip: '::1' }],
];

describe('a result of the types of the language becomes the values of the kinds', () => {
  test.each(READ)(
    '%s',
    async (code, values) => {
      expect(await outcome(code)).toEqual(values);
    },
    60_000,
  );
});

const wrong = (path: string, type: string): string =>
  `WrongType: property «${path}» has a value that is not of type «${type}»`;

const REFUSED: readonly (readonly [code: string, failure: string])[] = [
  ['None', "NotAnObject: transformed value is 'NoneType', not 'dict'"],
  ['[1]', "NotAnObject: transformed value is 'list', not 'dict'"],
  ['later()', 'NotAnObject: transformed value is a coroutine; transform must not be async'],
  ['many()', 'NotAnObject: transformed value is a generator; transform must return, not yield'],
  [
    '{"zz": 1}',
    'UnknownProperty: property «zz» is not part of output schema; rename or remove it in the transformation function',
  ],
  [
    '{5: 1}',
    'UnknownProperty: property «[*]» is not part of output schema; rename or remove it in the transformation function',
  ],
  [
    '{"o": {"z": 1}}',
    'UnknownProperty: property «o.z» is not part of output schema; rename or remove it in the transformation function',
  ],
  ['{"s": 5}', wrong('s', 'str')],
  ['{"s": datetime.date(2024, 1, 1)}', wrong('s', 'str')],
  ['{"b": 1}', wrong('b', 'bool')],
  ['{"i": True}', wrong('i', 'int')],
  ['{"i": 5.0}', wrong('i', 'int')],
  ['{"l": "5"}', wrong('l', 'int')],
  ['{"y": "2024"}', wrong('y', 'int')],
  ['{"f": "1"}', wrong('f', 'float')],
  ['{"d": 5}', wrong('d', 'decimal.Decimal')],
  ['{"d": 5.5}', wrong('d', 'decimal.Decimal')],
  ['{"m": datetime.date(2024, 1, 1)}', wrong('m', 'datetime.datetime')],
  ['{"day": datetime.datetime(2024, 1, 1)}', wrong('day', 'datetime.date')],
  ['{"t": 5}', wrong('t', 'datetime.time')],
  ['{"u": 5}', wrong('u', 'uuid.UUID')],
  ['{"a": {}}', wrong('a', 'list[decimal.Decimal]')],
  ['{"a": [1]}', wrong('a[0]', 'decimal.Decimal')],
  ['{"k": {1: "a"}}', wrong('k', 'dict[str, uuid.UUID]')],
  ['{"o": []}', wrong('o', 'dict')],
  ['{"a": [None]}', 'NotNullable: property «a[0]» cannot be «None», but it is set to «None»'],
  ['{"s": "123456"}', 'TooManyChars: property «s» exceeds the 5-char limit'],
  ['{"s": "\\ud800"}', 'NotUnicode: property «s» has text that is not valid Unicode'],
  ['{"i": 2**40}', 'TooLarge: property «i» is greater than 2147483647'],
  ['{"l": -2**63 - 1}', 'TooSmall: property «l» is less than -9223372036854775808'],
  ['{"r": float("inf")}', 'NotFinite: property «r» has a value that is not a finite number'],
  ['{"d": Decimal("1.234")}', 'NumberOutOfRange: property «d» has a value which is not in range of «decimal(6, 2)»'],
  ['{"d": Decimal("NaN")}', 'NotDecimal: property «d» is not in the expected decimal format'],
  ['{"m": "29 February"}', 'NotDatetime: property «m» is not in the expected datetime format'],
  ['{"j": {1, 2}}', 'NotJSON: property «j» does not contain valid JSON'],
  ['{"j": b"a"}', 'NotJSON: property «j» does not contain valid JSON'],
  ['{"aj": [{"a": object()}]}', 'NotJSON: property «aj[0]» does not contain valid JSON'],
  ['{"j": circle()}', 'CircularReference: transformed value contains a circular reference'],
  ['{"s": circle()}', 'CircularReference: transformed value contains a circular reference'],
  ['{"zz": circle()}', 'CircularReference: transformed value contains a circular reference'],
  ['circle()', 'CircularReference: transformed value contains a circular reference'],
  ['throw(ValueError("no such user"))', 'FunctionThrew: Python: ValueError: no such user'],
  ['throw(ValueError)', 'FunctionThrew: Python: ValueError'],
  ['{}["a"]', "FunctionThrew: Python: KeyError: 'a'"],
  ['throw(Unspeakable())', 'FunctionThrew: Python: an error without a text'],
  ['throw(ValueError("x" * 1000))', `FunctionThrew: Python: ValueError: ${'x'.repeat(280)}`],
  ['{"f": 10**400}', 'FunctionThrew: Python: OverflowError: int too large to convert to float'],
];

describe('a result that does not fit fails its record alone, in words of the language', () => {
  test.each(REFUSED)('%s', async (code, failure) => {
    const rows = [['{"i": 1}'], [code], ['{"i": 3}']];
    const outcomes = await runRows(compiled, rows, sandbox);
    expect(outcomes[1]).toBe(failure);
    expect(outcomes.map(Array.isArray)).toEqual([true, false, true]);
  });
});
