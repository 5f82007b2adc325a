import { describe, expect, test } from 'vitest';
import { compileNormalisation, type Property, type Type, ValueFailure } from '../src/index.js';

const property = (name: string, type: Type, flags: object = {}): Property => ({
  name,
  type,
  ...flags,
  description: '',
});
const object = (...properties: Property[]): Type => ({ kind: 'object', properties });
const arrayOf = (elementType: Type, rest: object = {}): Type => ({ kind: 'array', elementType, ...rest });
const mapOf = (elementType: Type): Type => ({ kind: 'map', elementType });
const INT: Type = { kind: 'int', bitSize: 32 };
const JSON_TYPE: Type = { kind: 'json' };

function messageOf(type: Type, raw: unknown, path = 'p'): string | undefined {
  const value = compileNormalisation(type, { nullable: false, path })(raw);
  return value instanceof ValueFailure ? value.message : undefined;
}

function normalised(type: Type, raw: unknown): unknown {
  return compileNormalisation(type, { nullable: false, path: 'p' })(raw);
}

describe('arrays', () => {
  test('have their elements normalised, whatever holds them', () => {
    expect(normalised(arrayOf(INT), ['1', 2n, 3])).toEqual([1, 2, 3]);
    expect(normalised(arrayOf(INT), new Uint8Array([1, 255]))).toEqual([1, 255]);
    expect(normalised(arrayOf({ kind: 'int', bitSize: 64 }), new BigInt64Array([-1n]))).toEqual(['-1']);
  });

  test('are unique by value', () => {
    const unique = (elementType: Type) => arrayOf(elementType, { uniqueElements: true });
    expect(normalised(unique({ kind: 'string' }), ['a', 'b'])).toEqual(['a', 'b']);
    expect(messageOf(unique({ kind: 'string' }), ['a', 'b', 'a'])).toBe("property 'p' contains a duplicated value");
    expect(messageOf(unique(INT), ['1', 1n])).toBe("property 'p' contains a duplicated value");
    expect(messageOf(unique({ kind: 'decimal', precision: 5, scale: 2 }), ['1.0', '1'])).toContain('duplicated');
    expect(messageOf(unique({ kind: 'ip' }), ['::1', '0::1'])).toContain('duplicated');
  });

  test('have as many elements as their type says', () => {
    const type = arrayOf(INT, { minElements: 1, maxElements: 2 });
    expect(messageOf(type, [])).toBe("property 'p' contains less than 1 elements");
    expect(normalised(type, [1, 2])).toEqual([1, 2]);
    expect(messageOf(type, [1, 2, 3])).toBe("property 'p' contains more than 2 elements");
  });

  test('have no null', () => {
    expect(messageOf(arrayOf(INT), [1, null])).toBe("property 'p[1]' has value null but it is not nullable");
    expect(messageOf(arrayOf(JSON_TYPE), [undefined])).toBe("property 'p[0]' has value null but it is not nullable");
  });

  test('of json may be text', () => {
    expect(normalised(arrayOf(JSON_TYPE), '[1, null ,"a",{"b": 1}]')).toEqual(['1', 'null', '"a"', '{"b": 1}']);
    expect(normalised(arrayOf(JSON_TYPE, { maxElements: 1 }), '[1,2]')).toMatchObject({ code: 'TooManyElements' });
    for (const text of ['{}', '[1', '[{"a":1,"a":2}]', '', '1']) {
      expect(messageOf(arrayOf(JSON_TYPE), text), text).toBe("property 'p' is not valid JSON");
    }
    expect(normalised(arrayOf(INT), '[1]')).toMatchObject({ code: 'WrongType' });
  });

  test('that lie about their length end', () => {
    const endless = new Proxy([1], { get: (_, key) => (key === 'length' ? 2 ** 53 : 1) });
    expect(normalised(arrayOf(INT), endless)).toMatchObject({ code: 'TooManyElements' });
  });
});

describe('objects', () => {
  const type = object(
    property('a', INT),
    property('n', INT, { nullable: true }),
    property('o', INT, { readOptional: true }),
  );

  test('have exactly the properties of their type', () => {
    expect(normalised(type, { a: '1', n: null, unknown: 5 })).toEqual({ a: 1, n: null });
    expect(
      normalised(
        type,
        new Map<unknown, unknown>([
          ['a', 1],
          ['n', 2],
          ['o', 3],
          [7, 8],
        ]),
      ),
    ).toEqual({ a: 1, n: 2, o: 3 });
    expect(normalised(type, Object.assign(Object.create(null), { a: 1, n: undefined, o: 2 }))).toMatchObject({
      message: "property 'p.n' does not have a value, but the property is not optional for reading",
    });
    expect(messageOf(type, { a: 1, n: 1, o: null })).toBe("property 'p.o' has value null but it is not nullable");
    expect(messageOf(type, {}, '')).toBe(
      "property 'a' does not have a value, but the property is not optional for reading",
    );
  });

  test('inherit nothing, neither given nor made', () => {
    const inherited = object(property('toString', { kind: 'string' }, { readOptional: true }));
    expect(normalised(inherited, {})).toEqual({});
    const strange = object(property('__proto__', { kind: 'string' }));
    const value = normalised(strange, JSON.parse('{"__proto__":"x"}'));
    expect(Object.entries(value as object)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  test('of a class are not taken for data', () => {
    class Holder {
      a = 1;
    }
    expect(normalised(type, new Holder())).toMatchObject({ code: 'WrongType' });
    expect(normalised(mapOf(INT), new Holder())).toMatchObject({ code: 'WrongType' });
  });
});

describe('maps', () => {
  test('have any keys that are text', () => {
    expect(normalised(mapOf(INT), { a: '1', '': 2 })).toEqual({ a: 1, '': 2 });
    expect(normalised(mapOf(INT), new Map([['a', 1]]))).toEqual({ a: 1 });
    expect(messageOf(mapOf(INT), new Map([[1, 1]]))).toBe("property 'p' has a key that is not valid Unicode text");
    expect(normalised(mapOf(INT), { '\ud800': 1 })).toMatchObject({ code: 'InvalidText' });
  });

  test('of json may be text', () => {
    expect(normalised(mapOf(JSON_TYPE), ' {"a": [1], "__proto__":null}')).toEqual(
      Object.fromEntries([
        ['a', '[1]'],
        ['__proto__', 'null'],
      ]),
    );
    for (const text of ['[]', '{"a":1,"\\u0061":2}', '', '{']) {
      expect(normalised(mapOf(JSON_TYPE), text), text).toMatchObject({ code: 'NotJSON' });
    }
    expect(normalised(mapOf(INT), '{"a":1}')).toMatchObject({ code: 'WrongType' });
  });
});

describe('the path of a refused value', () => {
  const deep = object(property('b', arrayOf(object(property('c', mapOf(INT))))));

  test('leads through properties, elements and keys', () => {
    const raw = { b: [{ c: {} }, { c: { 'k"': 'x' } }] };
    expect(messageOf(deep, raw, 'a')).toBe(`property 'a.b[1].c["k\\""]' is not convertible to the int(32) type`);
    expect(messageOf(deep, raw, '')).toBe(`property 'b[1].c["k\\""]' is not convertible to the int(32) type`);
  });

  test('shows the start of a long key only', () => {
    expect(messageOf(mapOf(INT), { ['k'.repeat(1000)]: 'x' })?.length).toBeLessThan(120);
  });
});
