import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter, parseFilter, type Value } from '../src/index.js';
import { json, object, property } from './expression-support.js';

const schema = object(property('j', json));

function holds(operator: string, values: readonly string[], value: Value): boolean {
  const condition = { property: 'j', operator, values: [...values] };
  return compileFilter(parseFilter({ logical: 'and', conditions: [condition] }, schema, 'import'), schema)([value]);
}

const operand = fc.oneof(
  fc.constantFrom('0', '-0', '1', '1.0', '1e2', '100', '0.10', '.1', '-1', 'x', 'true', 'null', '1e-3', '0.001'),
  fc.string({ minLength: 1, maxLength: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '0.0',
    '1',
    '1.00',
    '1E2',
    ' 100 ',
    '0.1',
    '10e-2',
    '1e99999',
    'true',
    'null',
    '[1]',
    '{}',
  ),
  fc.string({ maxLength: 5 }).map((text) => JSON.stringify(text)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);

test('JSON is one of many values exactly when it is one of them', () => {
  fc.assert(
    fc.property(fc.array(operand, { minLength: 1, maxLength: 5 }), value, (operands, found) => {
      const isOne = operands.some((single) => holds('is', [single], found));
      expect(holds('is one of', operands, found)).toBe(isOne);
      expect(holds('is not one of', operands, found)).toBe(!isOne);
    }),
    { numRuns: 2_000 },
  );
});

test('numbers and texts are found among the values that a condition can have', () => {
  const values = Array.from({ length: 1_000 }, (_, index) => String(index));
  expect(
    ['999', '9.99e2', '"999"', '1000', '"9.99e2"', '[999]'].map((found) => holds('is one of', values, found)),
  ).toEqual([...[true, true, true, false, false, false]]);
});
