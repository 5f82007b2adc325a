import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromDataJson, type Type, toDataJson, type Value, ValueFailure } from '../src/index.js';
import { typedValue } from './arbitraries.js';

const property = (name: string, type: Type, flags: object = {}) => ({ name, type, ...flags, description: '' });
const object = (...properties: ReturnType<typeof property>[]): Type => ({ kind: 'object', properties });
const int64: Type = { kind: 'int', bitSize: 64 };
const float64: Type = { kind: 'float', bitSize: 64 };
const decimal: Type = { kind: 'decimal', precision: 30, scale: 4 };

describe('toDataJson', () => {
  test.each<[Type, Value, unknown]>([
    [{ kind: 'int', bitSize: 32 }, 5, 5],
    [int64, '9007199254740993', '9007199254740993'],
    [float64, 1.5, 1.5],
    [float64, Number.NaN, 'NaN'],
    [float64, -Infinity, '-Infinity'],
    [decimal, '1.50', 1.5],
    [decimal, '-0.0001', -0.0001],
    [decimal, '12345678901234567890.1234', '12345678901234567890.1234'],
    [{ kind: 'datetime' }, '2024-02-29 10:20:30', '2024-02-29T10:20:30Z'],
    [{ kind: 'datetime' }, '2024-02-29 10:20:30.1', '2024-02-29T10:20:30.100Z'],
    [{ kind: 'datetime' }, '2024-02-29 10:20:30.123', '2024-02-29T10:20:30.123Z'],
    [{ kind: 'datetime' }, '2024-02-29 10:20:30.1234', '2024-02-29T10:20:30.123400Z'],
    [{ kind: 'datetime' }, '2024-02-29 10:20:30.1234567', '2024-02-29T10:20:30.123456700Z'],
    [{ kind: 'date' }, '2024-02-29', '2024-02-29'],
    [{ kind: 'time' }, '10:20:30.12', '10:20:30.120'],
    [{ kind: 'json' }, ' {"a": [1]} ', { a: [1] }],
    [{ kind: 'json' }, 'null', null],
    [{ kind: 'datetime' }, null, null],
    [decimal, null, null],
    [{ kind: 'array', elementType: int64 }, ['1'], ['1']],
    [{ kind: 'ip' }, null, null],
  ])('of %j shows %j', (type, value, data) => {
    expect(toDataJson(type, value)).toEqual(data);
  });

  test('orders properties as the type does and keys of maps by name', () => {
    const type = object(
      property('b', { kind: 'map', elementType: float64 }),
      property('a', int64),
      property('x', int64),
    );
    expect(JSON.stringify(toDataJson(type, { a: '1', y: '2', b: { d: 1, c: 2 } }))).toBe('{"b":{"c":2,"d":1},"a":"1"}');
  });
});

describe('fromDataJson', () => {
  test.each<[Type, unknown, Value]>([
    [{ kind: 'string' }, 'a', 'a'],
    [{ kind: 'int', bitSize: 8 }, -0, 0],
    [int64, '-0012', '-12'],
    [{ kind: 'int', bitSize: 8 }, -128, -128],
    [{ kind: 'int', bitSize: 8 }, 127, 127],
    [int64, '-9223372036854775808', '-9223372036854775808'],
    [int64, '9223372036854775807', '9223372036854775807'],
    [{ kind: 'int', bitSize: 64, unsigned: true }, '18446744073709551615', '18446744073709551615'],
    [float64, 'NaN', Number.NaN],
    [float64, '-Infinity', -Infinity],
    [{ kind: 'float', bitSize: 32 }, 0.1, Math.fround(0.1)],
    [decimal, 1.5, '1.5'],
    [decimal, 1e21, '1000000000000000000000'],
    [decimal, '1.5000', '1.5000'],
    [{ kind: 'float', bitSize: 64, minimum: 0, maximum: 1 }, 0, 0],
    [{ kind: 'float', bitSize: 64, minimum: 0, maximum: 1 }, 1, 1],
    [{ kind: 'decimal', precision: 3, scale: 1, minimum: '-5', maximum: '5' }, -5, '-5'],
    [{ kind: 'decimal', precision: 3, scale: 1, minimum: '-5', maximum: '5' }, '5.0', '5.0'],
    [{ kind: 'string', maxLength: 1 }, '\u{1f600}', '\u{1f600}'],
    [{ kind: 'array', elementType: int64, minElements: 2, maxElements: 2 }, ['1', '2'], ['1', '2']],
    [{ kind: 'array', elementType: int64 }, ['1', '1'], ['1', '1']],
    [{ kind: 'array', elementType: { kind: 'json' } }, [null], ['null']],
    [{ kind: 'array', elementType: { kind: 'string' }, uniqueElements: true }, ['1', '1.0'], ['1', '1.0']],
    [{ kind: 'datetime' }, '2024-02-29 10:20+01:00', '2024-02-29 09:20:00'],
    [{ kind: 'date' }, '2024-02-29', '2024-02-29'],
    [{ kind: 'time' }, '10:20:30.100', '10:20:30.1'],
    [{ kind: 'uuid' }, 'F47AC10B-58CC-4372-A567-0E02B2C3D479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
    [{ kind: 'ip' }, '::FFFF:1.2.3.4', '::ffff:1.2.3.4'],
    [{ kind: 'json' }, { a: [1, null] }, '{"a":[1,null]}'],
    [{ kind: 'json' }, null, 'null'],
    [{ kind: 'ip' }, null, null],
    [
      object(property('a', int64, { readOptional: true }), property('b', int64, { nullable: true })),
      { b: null },
      { b: null },
    ],
    [{ kind: 'map', elementType: int64 }, JSON.parse('{"__proto__":"1"}'), JSON.parse('{"__proto__":"1"}')],
  ])('of %j reads %j', (type, json, value) => {
    expect(fromDataJson(type, json)).toEqual(value);
  });

  test.each<[Type, unknown, string]>([
    [{ kind: 'string' }, 1, 'value does not have a valid value'],
    [{ kind: 'string', maxLength: 2 }, 'abc', 'value is longer than 2 characters'],
    [{ kind: 'string', maxBytes: 2 }, 'éé', 'value is longer than 2 bytes'],
    [{ kind: 'string', pattern: '^a' }, 'b', 'value does not match /^a/'],
    [{ kind: 'string', pattern: '^/a/' }, 'b', 'value does not match /^\\/a\\//'],
    [
      { kind: 'string', values: ['a', 'b', 'c'] },
      'd',
      'value has an invalid value; valid values are "a", "b", and "c"',
    ],
    [{ kind: 'string', values: ['a', 'b'] }, 'd', 'value has an invalid value; valid values are "a" and "b"'],
    [{ kind: 'boolean' }, 'true', 'value does not have a valid value'],
    [int64, 5, 'value does not have a valid value'],
    [int64, '+5', 'value does not have a valid value'],
    [int64, '5.0', 'value does not have a valid value'],
    [int64, '9223372036854775808', 'value is out of range [-9223372036854775808, 9223372036854775807]'],
    [{ kind: 'int', bitSize: 8, minimum: 3 }, 2, 'value is out of range [3, 127]'],
    [{ kind: 'int', bitSize: 8 }, 1.5, 'value does not have a valid value'],
    [{ kind: 'float', bitSize: 64, real: true }, 'NaN', 'value does not have a valid value'],
    [{ kind: 'float', bitSize: 64, minimum: 0 }, 'NaN', 'value is out of range [0, Infinity]'],
    [{ kind: 'float', bitSize: 64, minimum: 0, maximum: 1 }, 2, 'value is out of range [0, 1]'],
    [{ kind: 'float', bitSize: 32 }, 1e39, 'value is out of range [-3.4028234663852886e+38, 3.4028234663852886e+38]'],
    [{ kind: 'decimal', precision: 3, scale: 1 }, 100, 'value is out of range [-99.9, 99.9]'],
    [{ kind: 'decimal', precision: 2, scale: 2 }, 1, 'value is out of range [-0.99, 0.99]'],
    [{ kind: 'decimal', precision: 3, scale: 1, maximum: '5' }, 6, 'value is out of range [-99.9, 5]'],
    [{ kind: 'decimal', precision: 3 }, 'x', 'value does not have a valid value'],
    [{ kind: 'datetime' }, '2024-02-30', 'value does not have a valid value'],
    [{ kind: 'time' }, '10:20:30Z', 'value does not have a valid value'],
    [{ kind: 'time' }, '10:20:30.1234567891', 'value does not have a valid value'],
    [{ kind: 'year' }, 10000, 'value is out of range [1, 9999]'],
    [{ kind: 'year' }, 0, 'value is out of range [1, 9999]'],
    [{ kind: 'year' }, 2024.5, 'value does not have a valid value'],
    [{ kind: 'uuid' }, '{f47ac10b-58cc-4372-a567-0e02b2c3d479}', 'value does not have a valid value'],
    [{ kind: 'json' }, undefined, 'value does not have a valid value'],
    [{ kind: 'array', elementType: int64 }, {}, 'value does not have a valid value'],
    [{ kind: 'array', elementType: int64 }, [null], 'property "[0]" cannot be null'],
    [{ kind: 'map', elementType: int64 }, ['1'], 'value does not have a valid value'],
    [object(property('a', int64)), ['1'], 'value does not have a valid value'],
    [{ kind: 'array', elementType: int64, maxElements: 2 }, ['1', '2', '3'], 'value contains more than 2 elements'],
    [{ kind: 'array', elementType: int64, minElements: 2 }, ['1'], 'value contains less than 2 elements'],
    [{ kind: 'array', elementType: decimal, uniqueElements: true }, ['1', '1.0'], 'value contains a duplicated value'],
    [{ kind: 'map', elementType: int64 }, { 'a b': null }, 'property "["a b"]" cannot be null'],
    [object(property('a', int64)), { a: '1', b: 1 }, 'property "b" does not exist'],
    [object(property('toString', int64)), {}, 'non-optional property "toString" is missing'],
    [object(property('a', int64, { nullable: true })), {}, 'non-optional property "a" is missing'],
    [object(property('a', int64)), { a: null }, 'property "a" cannot be null'],
    [
      object(property('a', object(property('b', { kind: 'array', elementType: object(property('c', int64)) })))),
      { a: { b: [{ c: 'secret' }] } },
      'property "a.b[0].c" does not have a valid value',
    ],
  ])('of %j refuses %j', (type, json, message) => {
    const failure = fromDataJson(type, json);
    expect(failure).toBeInstanceOf(ValueFailure);
    expect(failure).toMatchObject({ step: 'InputValidation', message });
  });

  test('reads back what toDataJson shows', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        const json = JSON.stringify(toDataJson(type, value));
        const read = fromDataJson(type, JSON.parse(json));
        expect(read).not.toBeInstanceOf(ValueFailure);
        if (!(read instanceof ValueFailure)) expect(JSON.stringify(toDataJson(type, read))).toBe(json);
      }),
      { numRuns: 1000 },
    );
  });
});
