import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileNormalisation, compileValidation, type Type, type Value, ValueFailure } from '../src/index.js';
import { typeArbitrary, typedValue } from './arbitraries.js';

const wild = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

/** Values that defend themselves against being read. */
const hostile = fc.constantFrom<() => unknown>(
  () => new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
  () => new Proxy([], { get: refuse }),
  () => revoked(),
  () => Object.defineProperty({}, 'a', { enumerable: true, get: refuse }),
  () => ({ toJSON: refuse }),
  () => ({ toString: refuse }),
  () => ({ [Symbol.toPrimitive]: refuse }),
  () => Object.create(Date.prototype),
  () => Object.create(Map.prototype),
  () => Object.create(Uint8Array.prototype),
  () => Symbol('s'),
  () => 'x'.repeat(1_000_000),
  () => '1'.repeat(1_000_000),
  () => 7n ** 100_000n,
  () => new Array(2 ** 32 - 1),
);

function refuse(): never {
  throw new Error('not you');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function around(raw: unknown): unknown[] {
  return [raw, [raw], { a: raw, b: raw }, new Map([['a', raw]])];
}

describe('compileNormalisation', () => {
  test('never throws, and what it lets through has the form and the constraints of the type', () => {
    fc.assert(
      fc.property(typeArbitrary, wild, (type, raw) => {
        for (const candidate of around(raw)) {
          const value = compileNormalisation(type, { nullable: true, path: 'p' })(candidate);
          if (value instanceof ValueFailure) expect(value.message).toMatch(/^property 'p/);
          else expectCanonical(type, value);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('never throws for values that defend themselves', () => {
    fc.assert(
      fc.property(typeArbitrary, hostile, (type, make) => {
        for (const candidate of around(make())) {
          const value = compileNormalisation(type, { nullable: true, path: 'p' })(candidate);
          if (!(value instanceof ValueFailure)) expectCanonical(type, value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('says so when a value cannot be read', () => {
    const type: Type = { kind: 'map', elementType: { kind: 'string' } };
    const raw = Object.defineProperty({}, 'a', { enumerable: true, get: refuse });
    expect(compileNormalisation(type, { nullable: true, path: 'p' })(raw)).toEqual(
      new ValueFailure('InputValidation', 'Unreadable', "property 'p' cannot be read"),
    );
  });

  test('changes nothing of what is canonical already', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        fc.pre(!hasZone(type, value));
        expect(compileNormalisation(type, { nullable: false })(value)).toEqual(value);
      }),
    );
  });

  test('keeps nothing of the raw value', () => {
    const raw = { a: [1, 2] };
    const type: Type = { kind: 'map', elementType: { kind: 'array', elementType: { kind: 'year' } } };
    const value = compileNormalisation(type, { nullable: false })(raw);
    raw.a[0] = 7;
    expect(value).toEqual({ a: [1, 2] });
  });
});

function expectCanonical(type: Type, value: Value): void {
  expect(compileValidation(type, true)(value)).toEqual(value);
  expect(compileNormalisation(type, { nullable: true })(value)).toEqual(value);
}

/** Not everything canonical is raw: the zones of addresses are dropped. */
function hasZone(type: Type, value: Value): boolean {
  return JSON.stringify(type).includes('"ip"') && JSON.stringify(value).includes('%');
}
