import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compileNormalisation, type Kind, type Type, ValueFailure } from '../src/index.js';

/** What applications use where numbers must be exact. */
class Exact {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (digits: string): Uint8Array => Buffer.from(digits, 'hex');

/** One raw value of each type; which of them a kind has at all an opinion on is the table below. */
const RAWS = {
  text: 'a',
  number: 1,
  bigint: 1n,
  boolean: true,
  date: new Date(0),
  bytes: bytes('a'),
  exact: new Exact('1'),
  array: [],
  object: {},
  map: new Map(),
  set: new Set(),
  symbol: Symbol('s'),
  function: () => 1,
} as const;

type RawName = keyof typeof RAWS;

const TYPES: Readonly<Record<Kind, [Type, readonly RawName[]]>> = {
  string: [{ kind: 'string' }, ['text', 'bytes']],
  boolean: [{ kind: 'boolean' }, ['text', 'boolean']],
  int: [{ kind: 'int', bitSize: 32 }, ['text', 'bytes', 'number', 'bigint', 'exact']],
  float: [{ kind: 'float', bitSize: 64 }, ['text', 'number', 'bigint', 'exact']],
  decimal: [{ kind: 'decimal', precision: 5, scale: 2 }, ['text', 'bytes', 'number', 'bigint', 'exact']],
  datetime: [{ kind: 'datetime' }, ['text', 'date']],
  date: [{ kind: 'date' }, ['text', 'date']],
  time: [{ kind: 'time' }, ['text', 'bytes', 'date']],
  year: [{ kind: 'year' }, ['text', 'bytes', 'number', 'bigint', 'exact']],
  uuid: [{ kind: 'uuid' }, ['text', 'bytes']],
  json: [{ kind: 'json' }, ['text', 'bytes', 'number', 'bigint', 'boolean', 'date', 'array', 'object', 'map']],
  ip: [{ kind: 'ip' }, ['text', 'bytes']],
  array: [{ kind: 'array', elementType: { kind: 'year' } }, ['array', 'bytes']],
  object: [
    { kind: 'object', properties: [{ name: 'a', type: { kind: 'string' }, readOptional: true, description: '' }] },
    ['object', 'map'],
  ],
  map: [{ kind: 'map', elementType: { kind: 'string' } }, ['object', 'map']],
};

const CELLS = Object.values(TYPES).flatMap(([type, accepted]) =>
  Object.keys(RAWS).map((name) => [type, name as RawName, accepted.includes(name as RawName)] as const),
);

type Case = [type: Type, raw: unknown, expected: unknown];

/** The cases with names that can be read. */
function named(cases: readonly Case[]): [string, ...Case][] {
  return cases.map(([type, raw, expected]) => [
    `${JSON.stringify(type)}: ${inspect(raw).slice(0, 40)} becomes ${inspect(expected)}`,
    type,
    raw,
    expected,
  ]);
}

/** What a property of the type makes of a raw value: the value, or the code of the refusal. */
function normalised(type: Type, raw: unknown, nullable = false): unknown {
  const value = compileNormalisation(type, { nullable, path: 'p' })(raw);
  return value instanceof ValueFailure ? value.code : value;
}

describe('which types of raw values a kind takes', () => {
  test.each(CELLS)('of %j, %s: %s', (type, name, isTaken) => {
    const value = compileNormalisation(type, { nullable: true, path: 'p' })(RAWS[name]);
    if (isTaken) expect(value).not.toMatchObject({ code: 'WrongType' });
    else expect(value).toMatchObject({ step: 'InputValidation', code: 'WrongType' });
  });

  test.each(Object.values(TYPES))('null and undefined are null in %j where it is allowed', (type) => {
    for (const raw of [null, undefined]) {
      expect(normalised(type, raw, true)).toBeNull();
      expect(compileNormalisation(type, { nullable: false, path: 'p' })(raw)).toMatchObject({
        code: 'NotNullable',
        message: "property 'p' has value null but it is not nullable",
      });
    }
  });

  test('the message names the type and not the value', () => {
    expect(compileNormalisation({ kind: 'int', bitSize: 8 }, { nullable: true, path: 'a.b' })(new Date())).toEqual(
      new ValueFailure(
        'InputValidation',
        'WrongType',
        "property 'a.b' has type Date that is not allowed for type int(8)",
      ),
    );
    expect(compileNormalisation({ kind: 'ip' }, { nullable: true })('secret')).toMatchObject({
      message: 'value is not parsable as an IP address',
    });
  });
});

const INT8: Type = { kind: 'int', bitSize: 8 };
const UINT8: Type = { kind: 'int', bitSize: 8, unsigned: true };
const INT64: Type = { kind: 'int', bitSize: 64 };
const UINT64: Type = { kind: 'int', bitSize: 64, unsigned: true };
const FLOAT32: Type = { kind: 'float', bitSize: 32 };
const FLOAT64: Type = { kind: 'float', bitSize: 64 };
const REAL64: Type = { kind: 'float', bitSize: 64, real: true };
const DECIMAL: Type = { kind: 'decimal', precision: 5, scale: 2 };

describe('what becomes of raw values', () => {
  test.each(
    named([
      [{ kind: 'string' }, 'é', 'é'],
      [{ kind: 'string' }, '', ''],
      [{ kind: 'string' }, bytes('é'), 'é'],
      [{ kind: 'string' }, bytes('\ufeffa'), '\ufeffa'],
      [{ kind: 'string' }, hex('ff'), 'InvalidText'],
      [{ kind: 'string' }, '\ud800', 'InvalidText'],
      [{ kind: 'string', values: ['a'] }, '', null],
      [{ kind: 'string', values: ['a'] }, bytes(''), null],
      [{ kind: 'array', elementType: { kind: 'string', values: ['a'] } }, [''], 'NotAllowed'],
      [{ kind: 'map', elementType: { kind: 'string', values: ['a'] } }, { k: '' }, 'NotAllowed'],
      [{ kind: 'string', values: ['', 'a'] }, '', ''],
      [{ kind: 'string', values: ['a'] }, 'b', 'NotAllowed'],
      [{ kind: 'string', pattern: '^a' }, 'b', 'NoMatch'],
      [{ kind: 'string', maxBytes: 1 }, 'é', 'TooManyBytes'],
      [{ kind: 'string', maxLength: 1 }, '👍', '👍'],
      [{ kind: 'string', maxLength: 1 }, 'ab', 'TooManyChars'],
      [{ kind: 'boolean' }, false, false],
      [{ kind: 'boolean' }, 'true', true],
      [{ kind: 'boolean' }, 'false', false],
      [{ kind: 'boolean' }, 'True', 'NotConvertible'],
      [{ kind: 'boolean' }, '', 'NotConvertible'],
      [{ kind: 'year' }, '2024', 2024],
      [{ kind: 'year' }, 9999.0, 9999],
      [{ kind: 'year' }, 0, 'YearOutOfRange'],
      [{ kind: 'year' }, 10000n, 'YearOutOfRange'],
      [{ kind: 'year' }, '2024.5', 'NotConvertible'],
      [{ kind: 'uuid' }, 'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
      [{ kind: 'uuid' }, hex('f81d4fae7dec11d0a76500a0c91e6bf6'), 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
      [{ kind: 'uuid' }, hex('f81d'), 'NotUUID'],
      [{ kind: 'uuid' }, 'f81d4fae7dec11d0a76500a0c91e6bf6', 'NotUUID'],
      [{ kind: 'ip' }, '10.0.0.1/8', '10.0.0.1'],
      [{ kind: 'ip' }, '10.0.0.1/33', 'NotIP'],
      [{ kind: 'ip' }, '10.0.0.1/', 'NotIP'],
      [{ kind: 'ip' }, 'FE80::1%eth0/64', 'fe80::1'],
      [{ kind: 'ip' }, 'fe80::1%eth0', 'fe80::1'],
      [{ kind: 'ip' }, '::1/129', 'NotIP'],
      [{ kind: 'ip' }, '::ffff:1.2.3.4', '::ffff:1.2.3.4'],
      [{ kind: 'ip' }, hex('0a000001'), '10.0.0.1'],
      [{ kind: 'ip' }, hex('00000000000000000000ffff01020304'), '1.2.3.4'],
      [{ kind: 'ip' }, hex('20010db8000000000000000000000001'), '2001:db8::1'],
      [{ kind: 'ip' }, hex('0a0000'), 'NotIP'],
      [{ kind: 'ip' }, '', 'NotIP'],
    ]),
  )('%s', (_name, type, raw, expected) => {
    expect(normalised(type, raw)).toEqual(expected);
  });

  test.each(
    named([
      [INT8, 127, 127],
      [INT8, 128, 'NumberOutOfRange'],
      [INT8, -0, 0],
      [INT8, 1.5, 'NotConvertible'],
      [INT8, Number.NaN, 'NotConvertible'],
      [INT8, Infinity, 'NotConvertible'],
      [INT8, -128n, -128],
      [INT8, 10n ** 4000n, 'NumberOutOfRange'],
      [INT8, '+007', 7],
      [INT8, bytes('-7'), -7],
      [INT8, hex('ff'), 'InvalidText'],
      [INT8, ' 7', 'NotConvertible'],
      [INT8, '7.0', 'NotConvertible'],
      [INT8, '', 'NotConvertible'],
      [INT8, '1'.repeat(100_000), 'NotConvertible'],
      [INT8, new Exact('7.00'), 7],
      [INT8, new Exact('1.2E+2'), 120],
      [INT8, new Exact('7.5'), 'NotConvertible'],
      [INT8, new Exact('seven'), 'WrongType'],
      [UINT8, 255, 255],
      [UINT8, -1, 'NumberOutOfRange'],
      [UINT8, -1n, 'NumberOutOfRange'],
      [UINT8, '+1', 'NotConvertible'],
      [UINT8, '-1', 'NotConvertible'],
      [INT64, 2 ** 53 + 2, '9007199254740994'],
      [INT64, 2 ** 63, 'NumberOutOfRange'],
      [INT64, -(2 ** 63), '-9223372036854775808'],
      [INT64, '9223372036854775807', '9223372036854775807'],
      [INT64, '9223372036854775808', 'NumberOutOfRange'],
      [INT64, -0, '0'],
      [INT64, '-0', '0'],
      [UINT64, 2n ** 64n - 1n, '18446744073709551615'],
      [UINT64, 2n ** 64n, 'NumberOutOfRange'],
      [UINT64, -1, 'NumberOutOfRange'],
      [{ kind: 'int', bitSize: 32, minimum: 5, maximum: 6 }, 4, 'TooSmall'],
      [{ kind: 'int', bitSize: 64, minimum: 5, maximum: 6 }, '7', 'TooLarge'],
      [FLOAT64, 0.1, 0.1],
      [FLOAT64, Number.NaN, Number.NaN],
      [FLOAT64, 2n ** 53n - 1n, 2 ** 53 - 1],
      [FLOAT64, 2n ** 53n, 'NumberOutOfRange'],
      [FLOAT64, '1e3', 1000],
      [FLOAT64, 'inf', Infinity],
      [FLOAT64, '1e999', 'NumberOutOfRange'],
      [FLOAT64, '', 'NotConvertible'],
      [FLOAT64, new Exact('0.5'), 0.5],
      [FLOAT64, new Exact('0.1'), 'NumberOutOfRange'],
      [FLOAT32, 0.5, 0.5],
      [FLOAT32, 0.1, 'NumberOutOfRange'],
      [FLOAT32, Number.NaN, Number.NaN],
      [FLOAT32, 2n ** 24n, 2 ** 24],
      [FLOAT32, 2n ** 24n + 1n, 'NumberOutOfRange'],
      [FLOAT32, '0.1', Math.fround(0.1)],
      [FLOAT32, '1e39', 'NumberOutOfRange'],
      [REAL64, Number.NaN, 'NumberOutOfRange'],
      [REAL64, '-Infinity', 'NumberOutOfRange'],
      [{ kind: 'float', bitSize: 64, maximum: 1 }, 2, 'TooLarge'],
      [DECIMAL, '12.30', '12.30'],
      [DECIMAL, '1.234', 'NumberOutOfRange'],
      [DECIMAL, '1234', 'NumberOutOfRange'],
      [DECIMAL, '1.5e1', '15'],
      [DECIMAL, bytes('-1.5'), '-1.5'],
      [DECIMAL, hex('ff'), 'InvalidText'],
      [DECIMAL, 0.125, '0.12'],
      [DECIMAL, 1234, 'NumberOutOfRange'],
      [DECIMAL, Infinity, 'NumberOutOfRange'],
      [DECIMAL, 999n, '999'],
      [DECIMAL, 10n ** 5000n, 'NumberOutOfRange'],
      [DECIMAL, new Exact('-12.5'), '-12.5'],
      [DECIMAL, '', 'NotConvertible'],
      [DECIMAL, 'x', 'NotConvertible'],
      [{ kind: 'decimal', precision: 5, scale: 2, maximum: '1.5' }, '1.51', 'TooLarge'],
    ]),
  )('%s', (_name, type, raw, expected) => {
    expect(normalised(type, raw)).toEqual(expected);
  });

  test.each<[Type, unknown]>([
    [DECIMAL, null],
    [{ kind: 'datetime' }, null],
    [{ kind: 'date' }, null],
    [{ kind: 'time' }, null],
    [{ kind: 'uuid' }, null],
    [{ kind: 'json' }, null],
    [INT8, 'NotConvertible'],
    [FLOAT64, 'NotConvertible'],
    [{ kind: 'boolean' }, 'NotConvertible'],
    [{ kind: 'year' }, 'NotConvertible'],
    [{ kind: 'ip' }, 'NotIP'],
    [{ kind: 'string' }, ''],
  ])('an empty text in a nullable %j becomes %j', (type, expected) => {
    expect(normalised(type, '', true)).toBe(expected);
    if (expected === null) expect(normalised(type, '', false)).not.toBeNull();
  });

  test('the range of a bit size is told', () => {
    expect(compileNormalisation(UINT8, { nullable: true, path: 'p' })(300)).toMatchObject({
      message: "property 'p' has a value which is not in the range [0, 255]",
    });
  });
});
