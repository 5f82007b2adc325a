import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS, parseSchema, parseType, SchemaError, sameType, type Type, typeText, typeToJson } from '../src/index.js';
import { typeArbitrary } from './arbitraries.js';

function refusal(json: unknown): { path: string; message: string } {
  try {
    parseType(json);
  } catch (error) {
    if (error instanceof SchemaError) return { path: error.path, message: error.message };
    throw error;
  }
  throw new Error('was not refused');
}

const property = (fields: object) => ({
  kind: 'object',
  properties: [{ name: 'a', type: { kind: 'string' }, ...fields }],
});

describe('parseType', () => {
  test.each<[string, unknown, Type]>([
    ['string', { kind: 'string' }, { kind: 'string' }],
    [
      'string with lengths of 32 bits',
      { kind: 'string', maxBytes: 4294967295, maxLength: 2147483648 },
      { kind: 'string', maxBytes: 4294967295, maxLength: 2147483648 },
    ],
    ['allowed values with an empty one', { kind: 'string', values: ['', 'a'] }, { kind: 'string', values: ['', 'a'] }],
    ['pattern', { kind: 'string', pattern: '^a' }, { kind: 'string', pattern: '^a' }],
    ['int of 24 bits', { kind: 'int', bitSize: 24 }, { kind: 'int', bitSize: 24 }],
    [
      'unsigned int with bounds',
      { kind: 'int', bitSize: 32, unsigned: true, minimum: 1, maximum: 4000000000 },
      { kind: 'int', bitSize: 32, unsigned: true, minimum: 1, maximum: 4000000000 },
    ],
    [
      'bounds that are those of the bit size are absent',
      { kind: 'int', bitSize: 8, unsigned: false, minimum: -128, maximum: 127 },
      { kind: 'int', bitSize: 8 },
    ],
    [
      'limits of 64 bits, which JSON numbers round, are absent',
      JSON.parse('{"kind":"int","bitSize":64,"minimum":-9223372036854775808,"maximum":9223372036854775807}'),
      { kind: 'int', bitSize: 64 },
    ],
    [
      'bounds of a float of 32 bits are rounded',
      { kind: 'float', bitSize: 32, real: true, minimum: 0.1 },
      { kind: 'float', bitSize: 32, real: true, minimum: Math.fround(0.1) },
    ],
    [
      'bounds that are those of a real float are absent',
      { kind: 'float', bitSize: 64, real: true, minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE },
      { kind: 'float', bitSize: 64, real: true },
    ],
    [
      'a bound of minus zero is zero',
      { kind: 'float', bitSize: 64, minimum: -0 },
      { kind: 'float', bitSize: 64, minimum: 0 },
    ],
    [
      'bounds of an int up to the greatest exact number',
      { kind: 'int', bitSize: 64, minimum: -9007199254740991, maximum: 9007199254740991 },
      { kind: 'int', bitSize: 64, minimum: -9007199254740991, maximum: 9007199254740991 },
    ],
    [
      'decimal',
      { kind: 'decimal', precision: 10, scale: 2, minimum: -1.5, maximum: 99999999.99 },
      { kind: 'decimal', precision: 10, scale: 2, minimum: '-1.5' },
    ],
    ['decimal without scale', { kind: 'decimal', precision: 3, scale: 0 }, { kind: 'decimal', precision: 3 }],
    [
      'the largest decimal, with equal bounds',
      { kind: 'decimal', precision: 76, scale: 37, minimum: 1, maximum: 1 },
      { kind: 'decimal', precision: 76, scale: 37, minimum: '1', maximum: '1' },
    ],
    [
      'array',
      { kind: 'array', elementType: { kind: 'ip' }, minElements: 0, maxElements: 2147483647, uniqueElements: true },
      { kind: 'array', elementType: { kind: 'ip' }, uniqueElements: true },
    ],
    ['map', { kind: 'map', elementType: { kind: 'json' } }, { kind: 'map', elementType: { kind: 'json' } }],
    [
      'array of a fixed number of elements',
      { kind: 'array', elementType: { kind: 'ip' }, minElements: 2, maxElements: 2 },
      { kind: 'array', elementType: { kind: 'ip' }, minElements: 2, maxElements: 2 },
    ],
    [
      'object',
      property({ nullable: true, readOptional: false, prefilled: '' }),
      { kind: 'object', properties: [{ name: 'a', type: { kind: 'string' }, nullable: true, description: '' }] },
    ],
  ])('accepts %s', (_name, json, type) => {
    expect(parseType(json)).toStrictEqual(type);
    expect(parseType(JSON.parse(JSON.stringify(typeToJson(type))))).toStrictEqual(type);
  });

  test.each<[string, unknown, string, string]>([
    ['something else than an object', 'string', '', 'invalid type: it must be a JSON object'],
    ['null', null, '', 'invalid type: it must be a JSON object'],
    ['no kind', {}, '', "missing 'kind' key"],
    ['a kind of the wrong type', { kind: 1 }, 'kind', 'invalid kind'],
    ['a kind that does not exist', { kind: 'text' }, 'kind', 'invalid kind: there is no kind "text"'],
    ['an unknown key', { kind: 'string', x: 1 }, 'x', 'unknown key "x"'],
    [
      'the key elements',
      { kind: 'array', elements: {} },
      'elements',
      'unknown key "elements"; the type of the elements has the key "elementType"',
    ],
    [
      'a parameter of another kind',
      { kind: 'int', maxLength: 1 },
      'maxLength',
      'unexpected maxLength for non-string type',
    ],
    ['a length of zero', { kind: 'string', maxLength: 0 }, 'maxLength', 'invalid maxLength'],
    ['a number of bytes of zero', { kind: 'string', maxBytes: 0 }, 'maxBytes', 'invalid maxBytes'],
    ['a fractional length', { kind: 'string', maxLength: 1.5 }, 'maxLength', 'invalid maxLength'],
    ['a length that is null', { kind: 'string', maxBytes: null }, 'maxBytes', 'invalid maxBytes'],
    ['a length beyond 32 bits', { kind: 'string', maxBytes: 4294967296 }, 'maxBytes', 'invalid maxBytes'],
    ['an empty list of values', { kind: 'string', values: [] }, 'values', 'invalid values'],
    ['a value that is no text', { kind: 'string', values: ['a', 1] }, 'values[1]', 'invalid values'],
    ['a repeated value', { kind: 'string', values: ['a', 'a'] }, 'values[1]', 'repeated value "a" in values'],
    [
      'values and a pattern',
      { kind: 'string', values: ['a'], pattern: 'a' },
      'values',
      'unexpected values for type with a pattern',
    ],
    ['an invalid pattern', { kind: 'string', pattern: 'a(' }, 'pattern', 'invalid pattern: missing closing )'],
    [
      'look-ahead',
      { kind: 'string', pattern: 'a(?=b)' },
      'pattern',
      'invalid pattern: invalid or unsupported Perl syntax',
    ],
    ['no bit size', { kind: 'int' }, '', "missing 'bitSize' key"],
    ['a bit size of another kind', { kind: 'float', bitSize: 16 }, 'bitSize', 'invalid bitSize'],
    ['a flag that is no boolean', { kind: 'int', bitSize: 8, unsigned: 1 }, 'unsigned', 'invalid unsigned'],
    ['a fractional bound of an int', { kind: 'int', bitSize: 8, minimum: 1.5 }, 'minimum', 'invalid minimum'],
    ['a bound beyond the bit size', { kind: 'int', bitSize: 8, maximum: 128 }, 'maximum', 'invalid maximum'],
    [
      'a bound that a JSON number cannot tell exactly',
      { kind: 'int', bitSize: 64, maximum: 2 ** 60 },
      'maximum',
      'invalid maximum: beyond ±9007199254740991 a JSON number is not exact',
    ],
    [
      'reversed bounds',
      { kind: 'int', bitSize: 8, minimum: 2, maximum: 1 },
      'maximum',
      'maximum cannot be less than minimum',
    ],
    ['a bound beyond 32 bits', { kind: 'float', bitSize: 32, maximum: 1e39 }, 'maximum', 'invalid maximum'],
    ['no precision', { kind: 'decimal', scale: 1 }, '', 'missing precision'],
    ['too much precision', { kind: 'decimal', precision: 77 }, 'precision', 'invalid precision'],
    ['a scale beyond the precision', { kind: 'decimal', precision: 2, scale: 3 }, 'scale', 'invalid scale'],
    ['a scale beyond 37', { kind: 'decimal', precision: 76, scale: 38 }, 'scale', 'invalid scale'],
    [
      'a bound beyond the scale',
      { kind: 'decimal', precision: 4, scale: 1, minimum: 0.25 },
      'minimum',
      'invalid minimum',
    ],
    ['an array without element type', { kind: 'array' }, '', 'missing element type'],
    [
      'reversed bounds of a decimal',
      { kind: 'decimal', precision: 4, minimum: 2, maximum: 1 },
      'maximum',
      'maximum cannot be less than minimum',
    ],
    [
      'reversed numbers of elements',
      { kind: 'array', elementType: { kind: 'ip' }, minElements: 3, maxElements: 2 },
      'maxElements',
      'maxElements cannot be less than minElements',
    ],
    [
      'unique json',
      { kind: 'array', elementType: { kind: 'json' }, uniqueElements: true },
      'uniqueElements',
      'unexpected uniqueElements for elements of kind json',
    ],
    ['an object without properties', { kind: 'object' }, '', 'missing object properties'],
    ['an object with empty properties', { kind: 'object', properties: [] }, 'properties', 'invalid empty properties'],
    ['properties that are no array', { kind: 'object', properties: {} }, 'properties', 'invalid properties'],
    ['an unknown property key', property({ label: 'x' }), 'properties[0].label', "unknown property 'label'"],
    ['an invalid name', property({ name: 'a-b' }), 'properties[0].name', 'invalid property name'],
    [
      'a nested error, by its path',
      property({ type: { kind: 'map', elementType: { kind: 'int', bitSize: 7 } } }),
      'properties[0].type.elementType.bitSize',
      'invalid bitSize',
    ],
  ])('refuses %s', (_name, json, path, message) => {
    expect(refusal(json)).toEqual({ path, message });
  });

  test('refuses a property without name, without type, and a repeated name', () => {
    const type = { kind: 'ip' };
    expect(refusal({ kind: 'object', properties: [{ type }] }).message).toBe('missing property name');
    expect(refusal({ kind: 'object', properties: [{ name: 'a' }] }).message).toBe('missing property type');
    const repeated = refusal({
      kind: 'object',
      properties: [
        { name: 'a', type },
        { name: 'a', type },
      ],
    });
    expect(repeated).toEqual({ path: 'properties[1].name', message: 'repeated property name' });
  });

  test('refuses types nested so deeply that the stack would overflow', () => {
    let json: unknown = { kind: 'ip' };
    for (let depth = 0; depth < 50_000; depth++) json = { kind: 'array', elementType: json };
    expect(refusal(json).message).toBe('types are nested more than 100 levels deep');
  });

  test.each<[string, (json: unknown) => unknown]>([
    ['arrays', (json) => ({ kind: 'array', elementType: json })],
    ['maps', (json) => ({ kind: 'map', elementType: json })],
    ['objects', (json) => property({ type: json })],
  ])('accepts 100 levels of %s and refuses one more', (_name, nest) => {
    let json: unknown = { kind: 'ip' };
    for (let depth = 0; depth < 100; depth++) json = nest(json);
    expect(typeToJson(parseType(json))).toBeDefined();
    expect(refusal(nest(json)).message).toBe('types are nested more than 100 levels deep');
  });

  test.each<[string, string]>([
    ['maxBytes', 'string'],
    ['maxLength', 'string'],
    ['pattern', 'string'],
    ['values', 'string'],
    ['bitSize', 'int float'],
    ['unsigned', 'int'],
    ['real', 'float'],
    ['minimum', 'int float decimal'],
    ['maximum', 'int float decimal'],
    ['precision', 'decimal'],
    ['scale', 'decimal'],
    ['minElements', 'array'],
    ['maxElements', 'array'],
    ['uniqueElements', 'array'],
    ['elementType', 'array map'],
    ['properties', 'object'],
  ])('knows %s of the kinds %s only', (parameter, kinds) => {
    const refusing = KINDS.filter((kind) => refusal({ kind, [parameter]: null }).message.startsWith('unexpected'));
    expect(KINDS.filter((kind) => !refusing.includes(kind)).join(' ')).toBe(kinds);
  });

  test.each(['json', 'array', 'map', 'object'])('refuses unique elements of kind %s', (kind) => {
    const elementType = {
      kind,
      ...(kind === 'object' ? property({}) : kind !== 'json' && { elementType: { kind: 'ip' } }),
    };
    expect(refusal({ kind: 'array', elementType, uniqueElements: true })).toEqual({
      path: 'uniqueElements',
      message: `unexpected uniqueElements for elements of kind ${kind}`,
    });
  });

  test('keeps texts in Unicode normal form C', () => {
    expect(parseType({ kind: 'string', values: ['e\u0301'] })).toEqual({ kind: 'string', values: ['\u00e9'] });
    expect(parseType({ kind: 'string', pattern: 'e\u0301' })).toEqual({ kind: 'string', pattern: '\u00e9' });
    expect(parseType(property({ description: 'e\u0301' }))).toEqual(property({ description: '\u00e9' }));
  });

  test('reads back every type from its JSON', () => {
    fc.assert(
      fc.property(typeArbitrary, (type) => {
        const json: unknown = JSON.parse(JSON.stringify(typeToJson(type)));
        expect(parseType(json)).toEqual(type);
        expect(sameType(parseType(json), type)).toBe(true);
      }),
    );
  });
});

describe('parseSchema', () => {
  test('refuses a type that is no object', () => {
    expect(() => parseSchema({ kind: 'json' })).toThrow("schema must have kind 'object', not 'json'");
  });
});

describe('typeToJson', () => {
  test('writes keys in the documented order and leaves defaults out', () => {
    const type: Type = {
      kind: 'object',
      properties: [
        {
          description: '',
          nullable: true,
          readOptional: true,
          updateRequired: true,
          createRequired: true,
          type: { scale: 2, precision: 10, maximum: '5', minimum: '1', kind: 'decimal' },
          prefilled: 'x',
          name: 'a',
        },
        { name: 'b', type: { kind: 'decimal', precision: 3, scale: 0 }, description: 'd', nullable: false },
        {
          name: 'c',
          type: { kind: 'array', elementType: { kind: 'float', bitSize: 32, minimum: Math.fround(0.1) } },
          description: '',
        },
      ],
    };
    expect(JSON.stringify(typeToJson(type))).toBe(
      '{"kind":"object","properties":[' +
        '{"name":"a","prefilled":"x","type":{"kind":"decimal","minimum":1,"maximum":5,"precision":10,"scale":2},' +
        '"createRequired":true,"updateRequired":true,"readOptional":true,"nullable":true,"description":""},' +
        '{"name":"b","type":{"kind":"decimal","precision":3},"description":"d"},' +
        '{"name":"c","type":{"kind":"array","elementType":{"kind":"float","bitSize":32,"minimum":0.1}},"description":""}]}',
    );
  });
});

describe('sameType', () => {
  test('sees differences in parameters, flags, descriptions and order', () => {
    const object = (...properties: Parameters<typeof named>[]): Type => ({
      kind: 'object',
      properties: properties.map((fields) => named(...fields)),
    });
    expect(sameType({ kind: 'int', bitSize: 8 }, { kind: 'int', bitSize: 8, unsigned: false, maximum: 127 })).toBe(
      true,
    );
    expect(sameType({ kind: 'int', bitSize: 8 }, { kind: 'int', bitSize: 8, maximum: 126 })).toBe(false);
    expect(sameType({ kind: 'int', bitSize: 8 }, { kind: 'int', bitSize: 8, minimum: -128 })).toBe(true);
    expect(
      sameType({ kind: 'decimal', precision: 3 }, { kind: 'decimal', precision: 3, minimum: '-999', maximum: '999' }),
    ).toBe(true);
    const array: Type = { kind: 'array', elementType: { kind: 'ip' } };
    expect(sameType(array, { ...array, minElements: 0, maxElements: 2147483647 })).toBe(true);
    expect(sameType(array, { ...array, maxElements: 0 })).toBe(false);
    expect(sameType(object(['a', 'x']), object(['a', 'x']))).toBe(true);
    expect(sameType(object(['a', 'x']), object(['a', 'y']))).toBe(false);
    expect(sameType(object(['a', ''], ['b', '']), object(['b', ''], ['a', '']))).toBe(false);
  });
});

function named(name: string, description: string) {
  return { name, type: { kind: 'ip' }, description } as const;
}

describe('typeText', () => {
  test.each<[Type, string]>([
    [{ kind: 'int', bitSize: 32, unsigned: true }, 'int(32)'],
    [{ kind: 'float', bitSize: 64 }, 'float(64)'],
    [{ kind: 'decimal', precision: 10, scale: 2 }, 'decimal(10,2)'],
    [{ kind: 'decimal', precision: 3 }, 'decimal(3,0)'],
    [
      { kind: 'array', elementType: { kind: 'map', elementType: { kind: 'string', maxLength: 3 } } },
      'array(map(string))',
    ],
    [{ kind: 'datetime' }, 'datetime'],
  ])('shows %j as %s', (type, text) => {
    expect(typeText(type)).toBe(text);
  });
});
