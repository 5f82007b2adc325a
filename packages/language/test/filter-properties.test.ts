import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileFilter,
  FILTER_OPERATORS,
  type FilterOperator,
  parseFilter,
  type Type,
  type Value,
} from '../src/index.js';
import { canonicalValue, typedValue } from './arbitraries.js';
import { filterOf, holds, KIND_SAMPLES, schemaOf, violationsOf } from './filter-cases.js';

const OPPOSITES: readonly (readonly [FilterOperator, FilterOperator])[] = [
  ['is', 'is not'],
  ['is between', 'is not between'],
  ['is one of', 'is not one of'],
  ['contains', 'does not contain'],
  ['is empty', 'is not empty'],
  ['is null', 'is not null'],
  ['exists', 'does not exist'],
];

const operand = fc.oneof(
  fc.constantFrom('0', '1', '-1.5', '2024', '2024-01-02', '2024-01-02T10:20:30Z', '10:20:30', '::1', 'x', '"'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
  fc.uuid(),
);

/** A value of any type, or none. */
const anyValue = typedValue.chain(({ type, value }) =>
  fc
    .constantFrom<(Value | undefined)[]>(value, value, value, null, undefined)
    .map((present) => ({ type, value: present })),
);

const flags = { nullable: true, readOptional: true };
const valuesFor = (operator: FilterOperator, type: Type, a: string, b: string): string[] | undefined | null =>
  [undefined, [a], [a, b]].find(
    (values) => violationsOf(filterOf(operator, values), schemaOf(type, flags)).length === 0,
  ) ?? (violationsOf(filterOf(operator), schemaOf(type, flags)).length === 0 ? undefined : null);

describe('for any type, value and condition', () => {
  test('a predicate answers, and opposites answer the opposite', () => {
    let answered = 0;
    fc.assert(
      fc.property(anyValue, operand, operand, ({ type, value }, a, b) => {
        for (const [operator, opposite] of OPPOSITES) {
          const values = valuesFor(operator, type, a, b);
          if (values === null) continue;
          const isHeld = holds(type, operator, values, value);
          expect(holds(type, opposite, values, value)).toBe(!isHeld);
          answered++;
        }
      }),
      // Random types decide how many conditions apply, about three a run: so many that chance stays above the bound.
      { numRuns: 1500 },
    );
    expect(answered).toBeGreaterThan(3000);
  });

  test('a predicate answers about the value of another type, too', () => {
    const types = Object.values(KIND_SAMPLES).map(([type]) => type);
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.constantFrom(...FILTER_OPERATORS),
        anyValue,
        operand,
        (type, operator, other, a) => {
          const values = valuesFor(operator, type, a, a);
          if (values === null || type.kind === 'json') return;
          expect(holds(type, operator, values, other.value)).toBeTypeOf('boolean');
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('below json, any keys can be asked for', () => {
    const schema = schemaOf({ kind: 'json' });
    const path = fc.array(fc.constantFrom('a', 'b', '__proto__', 'length'), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(path, canonicalValue({ kind: 'json' }), (keys, json) => {
        const filter = parseFilter(filterOf('exists', undefined, ['p', ...keys].join('.')), schema, 'import');
        let found: unknown = JSON.parse(String(json));
        for (const key of keys) {
          const isObject = typeof found === 'object' && found !== null && !Array.isArray(found);
          found = isObject && Object.hasOwn(found as object, key) ? (found as Record<string, unknown>)[key] : undefined;
        }
        expect(compileFilter(filter, schema)([json])).toBe(found !== undefined);
      }),
    );
  });
});

describe('orders', () => {
  /** Checks all comparisons of a value with an operand against an order that was found otherwise. */
  function expectOrder(type: Type, value: Value, operandText: string, order: number): void {
    const answers = [
      'is less than',
      'is less than or equal to',
      'is greater than',
      'is greater than or equal to',
      'is',
    ].map((operator) => holds(type, operator as FilterOperator, [operandText], value));
    expect([value, operandText, ...answers]).toEqual([
      value,
      operandText,
      order < 0,
      order <= 0,
      order > 0,
      order >= 0,
      order === 0,
    ]);
    expect(holds(type, 'is between', [operandText, operandText], value)).toBe(order === 0);
    expect(holds(type, 'is one of', ['7', operandText], value)).toBe(order === 0 || value === '7' || value === '"7"');
  }

  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '\ud7ff', '\uff5e', '😀', '\u{10ffff}'),
    minLength: 1,
    maxLength: 4,
  });
  test('texts have that of their bytes', () => {
    fc.assert(
      fc.property(text, text, (value, other) => {
        const order = Buffer.compare(Buffer.from(value), Buffer.from(other));
        expectOrder({ kind: 'string' }, value, other, order);
        expectOrder({ kind: 'json' }, JSON.stringify(value), other, order);
      }),
      { numRuns: 500 },
    );
  });

  /** Few digits, so that equal and nearly equal numbers are common. */
  const unscaled = fc.bigInt({ min: -2200n, max: 2200n });
  const decimalText = (digits: bigint, scale: number): string => {
    const magnitude = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
    const point = magnitude.length - scale;
    const unsigned = scale === 0 ? magnitude : `${magnitude.slice(0, point)}.${magnitude.slice(point)}`;
    return digits < 0n ? `-${unsigned}` : unsigned;
  };
  const scaled = fc.tuple(unscaled, fc.integer({ min: 0, max: 4 }));
  const compareScaled = ([a, scaleA]: [bigint, number], [b, scaleB]: [bigint, number]): number => {
    const difference = a * 10n ** BigInt(4 - scaleA) - b * 10n ** BigInt(4 - scaleB);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  };

  test('decimals and numbers in json have that of their exact values', () => {
    fc.assert(
      fc.property(scaled, scaled, fc.constantFrom('', 'e0', 'E+0', 'e-0'), (value, other, exponent) => {
        const valueText = decimalText(...value);
        const order = compareScaled(value, other);
        if (value[0] !== 7n * 10n ** BigInt(value[1])) {
          expectOrder({ kind: 'decimal', precision: 9, scale: 4 }, valueText, decimalText(...other), order);
          expectOrder({ kind: 'json' }, valueText + exponent, decimalText(...other), order);
          const shifted = `${decimalText(value[0], 0)}e-${value[1]}`;
          expectOrder({ kind: 'json' }, shifted, decimalText(...other), order);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('integers of 64 bits have theirs', () => {
    const integer = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
      fc.bigInt({ min: -12n, max: 12n }),
    );
    fc.assert(
      fc.property(integer, integer, (value, other) => {
        const order = value < other ? -1 : value > other ? 1 : 0;
        expectOrder({ kind: 'int', bitSize: 64 }, String(value), String(other), order);
        if (value !== 7n) expectOrder({ kind: 'json' }, String(value), String(other), order);
      }),
      { numRuns: 500 },
    );
  });
});
