import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileValidation, identity, type Type, typeText, type Value, ValueFailure } from '../src/index.js';
import { typedValue } from './arbitraries.js';

const property = (name: string, type: Type, flags: object = {}) => ({ name, type, ...flags, description: '' });
const object = (...properties: ReturnType<typeof property>[]): Type => ({ kind: 'object', properties });

describe('compileValidation', () => {
  test.each<Type>([
    { kind: 'string' },
    { kind: 'int', bitSize: 8 },
    { kind: 'float', bitSize: 32 },
    { kind: 'decimal', precision: 5, scale: 2 },
    { kind: 'datetime' },
    { kind: 'json' },
    { kind: 'array', elementType: { kind: 'string' } },
    { kind: 'map', elementType: { kind: 'uuid' } },
    object(property('a', { kind: 'ip' }, { nullable: true, readOptional: true })),
  ])('has nothing to check in %j', (type) => {
    expect(compileValidation(type, true)).toBe(identity);
    expect(compileValidation(type, false)).not.toBe(identity);
  });

  test.each<[Type, Value, string]>([
    [{ kind: 'string', maxLength: 2 }, 'abc', "property 'p' exceeds the 2-char limit"],
    [{ kind: 'string', maxBytes: 2 }, 'é1', "property 'p' exceeds the 2-byte limit"],
    [{ kind: 'string', values: ['a'] }, 'b', "property 'p' is not one of the allowed values"],
    [{ kind: 'string', pattern: 'a' }, 'b', "property 'p' does not match /a/"],
    [{ kind: 'int', bitSize: 8, minimum: 3 }, 2, "property 'p' is less than 3"],
    [{ kind: 'int', bitSize: 64, maximum: 3 }, '9223372036854775807', "property 'p' is greater than 3"],
    [{ kind: 'float', bitSize: 64, real: true }, Number.NaN, "property 'p' is not a float(64) value"],
    [{ kind: 'float', bitSize: 64, real: true }, -Infinity, "property 'p' is not a float(64) value"],
    [{ kind: 'float', bitSize: 64, minimum: 1 }, Number.NaN, "property 'p' is less than 1"],
    [{ kind: 'decimal', precision: 5, scale: 2, maximum: '1.5' }, '1.51', "property 'p' is greater than 1.5"],
    [{ kind: 'array', elementType: { kind: 'ip' }, minElements: 1 }, [], "property 'p' contains less than 1 elements"],
    [
      { kind: 'array', elementType: { kind: 'ip' }, maxElements: 1 },
      ['::', '::1'],
      "property 'p' contains more than 1 elements",
    ],
    [
      { kind: 'array', elementType: { kind: 'year' }, uniqueElements: true },
      [1, 2, 1],
      "property 'p' contains a duplicated value",
    ],
    [
      { kind: 'array', elementType: { kind: 'string', maxLength: 1 } },
      ['a', 'bc'],
      "property 'p' exceeds the 1-char limit",
    ],
    [
      { kind: 'array', elementType: { kind: 'string', maxLength: 1 }, maxElements: 9 },
      ['a', 'bc'],
      "property 'p' exceeds the 1-char limit",
    ],
    [
      { kind: 'map', elementType: { kind: 'string', maxLength: 1 } },
      { x: 'bc' },
      "property 'p' exceeds the 1-char limit",
    ],
    [object(property('a', { kind: 'ip' })), { a: null }, "property 'p.a' has value null but it is not nullable"],
    [
      object(property('a', { kind: 'ip' }, { readOptional: true })),
      { a: null },
      "property 'p.a' has value null but it is not nullable",
    ],
    [
      object(property('a', { kind: 'ip' }, { nullable: true })),
      {},
      "property 'p.a' does not have a value, but the property is not optional for reading",
    ],
    [
      object(property('toString', { kind: 'ip' })),
      {},
      "property 'p.toString' does not have a value, but the property is not optional for reading",
    ],
    [
      object(property('a', object(property('b', { kind: 'string', maxLength: 1 })))),
      { a: { b: 'xx' } },
      "property 'p.a.b' exceeds the 1-char limit",
    ],
  ])('refuses of %j %j', (type, value, message) => {
    const failure = compileValidation(type, true, 'p')(value);
    expect(failure).toBeInstanceOf(ValueFailure);
    expect(failure).toMatchObject({ step: 'InputValidation', message });
  });

  test('refuses null where the property is not nullable', () => {
    expect(compileValidation({ kind: 'ip' }, false, 'p')(null)).toMatchObject({
      code: 'NotNullable',
      message: "property 'p' has value null but it is not nullable",
    });
    expect(compileValidation({ kind: 'string', maxLength: 1 }, true, 'p')(null)).toBeNull();
  });

  test('does not take null among elements for zero', () => {
    const elementType: Type = { kind: 'int', bitSize: 8, minimum: 3 };
    expect(compileValidation({ kind: 'array', elementType }, false)([3, null])).not.toMatchObject({ code: 'TooSmall' });
    expect(compileValidation({ kind: 'map', elementType }, false)({ a: null })).not.toMatchObject({ code: 'TooSmall' });
  });

  test('makes an empty text null where it is not among the allowed values', () => {
    expect(compileValidation({ kind: 'string', values: ['a'] }, false)('')).toBeNull();
    expect(compileValidation({ kind: 'string', values: ['a', ''] }, false)('')).toBe('');
  });

  test('accepts every value of its type', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        expect(compileValidation(type, false, typeText(type))(value)).toEqual(value);
      }),
    );
  });
});
