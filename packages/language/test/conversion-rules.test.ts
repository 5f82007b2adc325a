import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileConversion,
  compileValidation,
  identity,
  isConvertible,
  KINDS,
  type Kind,
  type Type,
  ValueFailure,
} from '../src/index.js';
import { canonicalValue, typeArbitrary, typedValue } from './arbitraries.js';

const context = { expression: 'a »b«', outPath: 'x.y', nullable: true };

function typeOf(kind: Kind): Type {
  switch (kind) {
    case 'int':
      return { kind, bitSize: 8 };
    case 'float':
      return { kind, bitSize: 64 };
    case 'decimal':
      return { kind, precision: 5 };
    case 'array':
    case 'map':
      return { kind, elementType: { kind: 'string' } };
    case 'object':
      return { kind, properties: [{ name: 'a', type: { kind: 'string' }, description: '' }] };
    default:
      return { kind };
  }
}

/** The type whose objects may lack any member. */
function withOptionalMembers(type: Type): Type {
  switch (type.kind) {
    case 'array':
    case 'map':
      return { ...type, elementType: withOptionalMembers(type.elementType) };
    case 'object':
      return {
        ...type,
        properties: type.properties.map((property) => ({
          ...property,
          type: withOptionalMembers(property.type),
          readOptional: true,
        })),
      };
    default:
      return type;
  }
}

describe('isConvertible', () => {
  test.each<[Kind, string]>([
    ['string', 'string boolean int float decimal datetime date time year uuid json ip'],
    ['boolean', 'string boolean int json'],
    ['int', 'string boolean int float decimal year json'],
    ['float', 'string int float decimal json'],
    ['decimal', 'string int float decimal json'],
    ['datetime', 'string datetime date time json'],
    ['date', 'string datetime date json'],
    ['time', 'string time json'],
    ['year', 'string int year json'],
    ['uuid', 'string uuid json'],
    ['ip', 'string ip json'],
    ['json', KINDS.join(' ')],
    ['array', 'json array'],
    ['object', 'json object map'],
    ['map', 'json object map'],
  ])('%s to %s and to nothing else', (from, to) => {
    const targets = KINDS.filter((kind) => isConvertible(typeOf(from), typeOf(kind)));
    expect(new Set(targets)).toEqual(new Set(to.split(' ')));
  });

  test('booleans and integers convert into each other only at 8 bits', () => {
    expect(isConvertible({ kind: 'boolean' }, { kind: 'int', bitSize: 16 })).toBe(false);
    expect(isConvertible({ kind: 'int', bitSize: 16 }, { kind: 'boolean' })).toBe(false);
  });

  test('objects need a property in common, and all common ones convertible', () => {
    const object = (...names: [string, Kind][]): Type => ({
      kind: 'object',
      properties: names.map(([name, kind]) => ({ name, type: typeOf(kind), description: '' })),
    });
    expect(isConvertible(object(['a', 'string'], ['b', 'ip']), object(['a', 'int'], ['c', 'ip']))).toBe(true);
    expect(isConvertible(object(['a', 'string']), object(['b', 'string']))).toBe(false);
    expect(isConvertible(object(['a', 'string'], ['b', 'ip']), object(['a', 'int'], ['b', 'uuid']))).toBe(false);
    expect(isConvertible(object(['a', 'ip']), { kind: 'map', elementType: { kind: 'uuid' } })).toBe(false);
    const numbers: Type = { kind: 'map', elementType: typeOf('int') };
    expect(isConvertible(object(['a', 'string'], ['b', 'ip']), numbers)).toBe(false);
    expect(isConvertible({ kind: 'map', elementType: { kind: 'ip' } }, object(['a', 'ip'], ['b', 'uuid']))).toBe(false);
  });

  test('compileConversion refuses what is not convertible', () => {
    const attempt = () => compileConversion({ kind: 'ip' }, { kind: 'uuid' }, context);
    expect(attempt).toThrow(new TypeError('cannot convert ip to uuid'));
  });
});

describe('messages', () => {
  test.each<[Type, Type, string, string]>([
    [typeOf('string'), { kind: 'int', bitSize: 8 }, '300', 'number «a ≫b«» is not a «int(8)» value'],
    [typeOf('string'), { kind: 'int', bitSize: 8, minimum: 5 }, '4', 'number «a ≫b«» is less than 5'],
    [
      typeOf('string'),
      { kind: 'decimal', precision: 5, scale: 2, maximum: '1.5' },
      '2',
      'number «a ≫b«» is greater than 1.5',
    ],
    [typeOf('string'), { kind: 'datetime' }, 'x', '«a ≫b«» is not parsable as a date time in ISO 8601 format'],
    [typeOf('string'), { kind: 'date' }, 'x', '«a ≫b«» is not parsable as a date in ISO 8601 format'],
    [typeOf('string'), { kind: 'uuid' }, 'x', '«a ≫b«» is not parsable as a UUID'],
    [typeOf('string'), { kind: 'ip' }, 'x', '«a ≫b«» is not parsable as an IP address'],
    [typeOf('string'), { kind: 'date' }, '0000-01-01', 'year of «a ≫b«» is not in range [1,9999]'],
    [typeOf('string'), { kind: 'string', values: ['a'] }, 'x', '«a ≫b«» is not one of the allowed values'],
    [typeOf('string'), { kind: 'string', pattern: 'a/b' }, 'x', '«a ≫b«» does not match «/a\\/b/»'],
    [typeOf('string'), { kind: 'string', pattern: '/a/' }, 'x', '«a ≫b«» does not match «/\\/a\\//»'],
    [typeOf('string'), { kind: 'string', maxBytes: 2 }, 'xxx', '«a ≫b«» exceeds the 2-byte limit'],
    [typeOf('string'), { kind: 'string', maxLength: 2 }, 'xxx', '«a ≫b«» exceeds the 2-char limit'],
    [typeOf('string'), { kind: 'boolean' }, 'x', '«a ≫b«» is not convertible to the «boolean» type'],
  ])('of %j to %j at %s', (from, to, value, message) => {
    const failure = compileConversion(from, to, context)(value);
    expect(failure).toBeInstanceOf(ValueFailure);
    expect(failure).toMatchObject({ step: 'OutputValidation', message: `${message} while mapping to «x.y»` });
  });

  test('quote an expression so that it cannot end its quotes', () => {
    const quoting = { ...context, expression: '»»' };
    expect(compileConversion(typeOf('string'), { kind: 'ip' }, quoting)('x')).toMatchObject({
      message: '«≫≫» is not parsable as an IP address while mapping to «x.y»',
    });
  });

  test('name the property within an object that fails', () => {
    const to: Type = { kind: 'object', properties: [{ name: 'a', type: typeOf('int'), description: '' }] };
    expect(compileConversion({ kind: 'json' }, to, context)('{"a":"1"}')).toMatchObject({
      message: '«a ≫b«» is not convertible to the «int(8)» type while mapping to «x.y.a»',
    });
  });

  test('never contain the value', () => {
    const secret = 'secret-42';
    for (const kind of KINDS) {
      const to = typeOf(kind);
      if (!isConvertible({ kind: 'string' }, to)) continue;
      const failure = compileConversion({ kind: 'string' }, to, context)(secret);
      if (failure instanceof ValueFailure) expect(failure.message).not.toContain(secret);
    }
  });
});

describe('identity', () => {
  test.each<[Type, Type]>([
    [{ kind: 'string' }, { kind: 'string' }],
    [
      { kind: 'string', maxLength: 5 },
      { kind: 'string', maxLength: 6 },
    ],
    [
      { kind: 'string', maxLength: 5 },
      { kind: 'string', maxLength: 5 },
    ],
    [
      { kind: 'string', values: ['a'] },
      { kind: 'string', values: ['b', 'a'] },
    ],
    [
      { kind: 'int', bitSize: 16 },
      { kind: 'int', bitSize: 32 },
    ],
    [
      { kind: 'int', bitSize: 16, minimum: 0 },
      { kind: 'int', bitSize: 16, unsigned: true },
    ],
    [
      { kind: 'float', bitSize: 32 },
      { kind: 'float', bitSize: 64 },
    ],
    [
      { kind: 'decimal', precision: 8, scale: 2 },
      { kind: 'decimal', precision: 10, scale: 3 },
    ],
    [{ kind: 'datetime' }, { kind: 'datetime' }],
    [{ kind: 'json' }, { kind: 'json' }],
    [{ kind: 'date' }, { kind: 'string' }],
    [{ kind: 'int', bitSize: 64 }, { kind: 'string' }],
    [typeOf('array'), typeOf('array')],
    [typeOf('object'), typeOf('object')],
  ])('%j to %j costs nothing', (from, to) => {
    expect(compileConversion(from, to, context)).toBe(identity);
  });

  test.each<[Type, Type]>([
    [{ kind: 'string' }, { kind: 'string', maxLength: 6 }],
    [
      { kind: 'string', pattern: 'a' },
      { kind: 'string', pattern: 'b' },
    ],
    [
      { kind: 'string', values: ['a', 'c'] },
      { kind: 'string', values: ['a'] },
    ],
    [
      { kind: 'int', bitSize: 32 },
      { kind: 'int', bitSize: 64 },
    ],
    [
      { kind: 'int', bitSize: 16 },
      { kind: 'int', bitSize: 16, unsigned: true },
    ],
    [
      { kind: 'int', bitSize: 16, minimum: 0, maximum: 9 },
      { kind: 'int', bitSize: 16, minimum: 1, maximum: 9 },
    ],
    [
      { kind: 'int', bitSize: 16, minimum: 0, maximum: 9 },
      { kind: 'int', bitSize: 16, minimum: 0, maximum: 8 },
    ],
    [
      { kind: 'float', bitSize: 64 },
      { kind: 'float', bitSize: 64, real: true },
    ],
    [
      { kind: 'float', bitSize: 64 },
      { kind: 'float', bitSize: 64, minimum: -1 },
    ],
    [
      { kind: 'float', bitSize: 64 },
      { kind: 'float', bitSize: 64, maximum: 1 },
    ],
    [
      { kind: 'decimal', precision: 8, scale: 2 },
      { kind: 'decimal', precision: 8, scale: 3 },
    ],
    [
      { kind: 'decimal', precision: 8, scale: 3 },
      { kind: 'decimal', precision: 8, scale: 2 },
    ],
    [
      { kind: 'decimal', precision: 8 },
      { kind: 'decimal', precision: 8, minimum: '0' },
    ],
    [
      { kind: 'decimal', precision: 8 },
      { kind: 'decimal', precision: 8, maximum: '0' },
    ],
    [typeOf('array'), { kind: 'array', elementType: { kind: 'string' }, uniqueElements: true }],
    [typeOf('array'), { kind: 'array', elementType: { kind: 'string' }, minElements: 1 }],
    [typeOf('array'), { kind: 'array', elementType: { kind: 'string' }, maxElements: 1 }],
    [
      { kind: 'object', properties: [{ name: 'a', type: { kind: 'string' }, nullable: true, description: '' }] },
      typeOf('object'),
    ],
    [{ kind: 'date' }, { kind: 'string', maxLength: 9 }],
    [{ kind: 'int', bitSize: 32 }, { kind: 'string' }],
  ])('%j to %j does not', (from, to) => {
    expect(compileConversion(from, to, context)).not.toBe(identity);
  });

  test('is not what a purpose gets that requires a member within a map or an array', () => {
    const member = { name: 'a', type: typeOf('string'), createRequired: true, readOptional: true, description: '' };
    for (const kind of ['map', 'array'] as const) {
      const type: Type = { kind, elementType: { kind: 'object', properties: [member] } };
      const value = kind === 'map' ? { k: {} } : [{}];
      expect(compileConversion(type, type, { ...context, purpose: 'Update' })).toBe(identity);
      expect(compileConversion(type, type, { ...context, purpose: 'Create' })(value)).toMatchObject({
        code: 'RequiredForCreation',
      });
    }
  });

  test('is only what leaves valid values valid', () => {
    fc.assert(
      fc.property(typedValue, typeArbitrary, ({ type, value }, to) => {
        fc.pre(isConvertible(type, to) && compileConversion(type, to, context) === identity);
        // An import requires none of the members of its target.
        expect(compileValidation(withOptionalMembers(to), true)(value)).toEqual(value);
      }),
      { numRuns: 50, maxSkipsPerRun: 1000 },
    );
  });
});

describe('conversions of canonical values', () => {
  test('never throw, and give values that conform to their target', () => {
    fc.assert(
      fc.property(typedValue, typeArbitrary, fc.boolean(), ({ type, value }, to, nullable) => {
        fc.pre(isConvertible(type, to));
        const result = compileConversion(type, to, { ...context, nullable })(value);
        const failure = result instanceof ValueFailure ? result : compileValidation(to, nullable)(result);
        if (!(failure instanceof ValueFailure)) return;
        if (failure === result) expect(failure.step).toBe('OutputValidation');
        else expect(failure.code).toBe('Missing');
      }),
      { numRuns: 2000, maxSkipsPerRun: 1000 },
    );
  });

  test('never throw for values of another kind than was declared', () => {
    fc.assert(
      fc.property(typedValue, typeArbitrary, typeArbitrary, ({ value }, from, to) => {
        fc.pre(isConvertible(from, to) && from.kind !== 'json');
        compileConversion(from, to, context)(value);
      }),
      { numRuns: 2000, maxSkipsPerRun: 1000 },
    );
  });

  test('leave a value of their own type as it is', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        expect(compileConversion(type, type, context)(value)).toEqual(value);
      }),
    );
  });

  const roundTrips = fc.constantFrom<Type>(
    { kind: 'int', bitSize: 32 },
    { kind: 'int', bitSize: 64, unsigned: true },
    { kind: 'float', bitSize: 64 },
    { kind: 'float', bitSize: 32 },
    { kind: 'datetime' },
    { kind: 'date' },
    { kind: 'time' },
    { kind: 'year' },
    { kind: 'uuid' },
    { kind: 'ip' },
    { kind: 'boolean' },
  );

  test('through string and back lose nothing', () => {
    fc.assert(
      fc.property(
        roundTrips.chain((type) => fc.tuple(fc.constant(type), canonicalValue(type))),
        ([type, value]) => {
          const text = compileConversion(type, { kind: 'string' }, context)(value);
          expect(text).not.toBeInstanceOf(ValueFailure);
          if (text instanceof ValueFailure) return;
          expect(compileConversion({ kind: 'string' }, type, context)(text)).toEqual(value);
        },
      ),
    );
  });

  test('know every day of the calendar, and no other', () => {
    const toDate = compileConversion({ kind: 'string' }, { kind: 'date' }, context);
    for (const year of [1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999]) {
      for (let day = 0; day <= 13 * 33; day++) {
        const text = `${String(year).padStart(4, '0')}-${twoDigits(Math.floor(day / 33))}-${twoDigits(day % 33)}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(text);
        expect(toDate(text) === text, text).toBe(exists);
      }
    }
  });

  test('count the days of spreadsheets as the calendar does', () => {
    const toDate = compileConversion({ kind: 'string' }, { kind: 'date' }, context);
    for (let serial = 61; serial <= 2_958_465; serial += 997) {
      const date = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000);
      expect(toDate(String(serial).padStart(3, '0'))).toBe(date.toISOString().slice(0, 10));
    }
  });

  test('to json give valid JSON', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        const json = compileConversion(type, { kind: 'json' }, context)(value);
        if (json instanceof ValueFailure || typeof json !== 'string') return;
        expect(() => JSON.parse(json)).not.toThrow();
      }),
    );
  });

  test('measure text in code points and in bytes of UTF-8', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 30 }), (value, limit) => {
        fc.pre(value !== '');
        const byLength = compileConversion({ kind: 'string' }, { kind: 'string', maxLength: limit }, context)(value);
        expect(byLength === value).toBe(Array.from(value).length <= limit);
        const byBytes = compileConversion({ kind: 'string' }, { kind: 'string', maxBytes: limit }, context)(value);
        expect(byBytes === value).toBe(Buffer.byteLength(value) <= limit);
      }),
    );
  });
});

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
