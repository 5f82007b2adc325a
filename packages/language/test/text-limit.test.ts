import { describe, expect, test } from 'vitest';
import {
  compileConversion,
  compileMapping,
  MAX_TEXT_LENGTH,
  textLength,
  type Value,
  ValueFailure,
} from '../src/index.js';
import { arrayOf, evaluate, inSchema, json, mapOf, object, property, rowOf, text } from './expression-support.js';

const HALF = 'x'.repeat(MAX_TEXT_LENGTH / 2);
const WHOLE = HALF + HALF;

function tooLong(step: string, expression: string): object {
  const message = `«${expression}» is longer than 16777216 characters while mapping to «out»`;
  return { step, code: 'TooLong', message };
}

describe('what an expression makes has 16 Mi characters at most', () => {
  test('a concatenation', () => {
    expect(evaluate('s s2', { s: HALF, s2: HALF })).toHaveLength(MAX_TEXT_LENGTH);
    expect(evaluate('s s2 "y"', { s: HALF, s2: HALF })).toMatchObject(tooLong('Transformation', 's s2 "y"'));
  });

  test('concatenations of concatenations, which would double at every level', () => {
    const doubled = (levels: number): string => (levels === 0 ? 's' : `lower(${doubled(levels - 1)} s)`);
    expect(evaluate(doubled(40), { s: 'x'.repeat(2 ** 20) })).toMatchObject({ code: 'TooLong' });
    const twice = (levels: number): string => (levels === 0 ? 's' : `trim(${twice(levels - 1)} ${twice(levels - 1)})`);
    expect(evaluate(twice(6), { s: HALF })).toMatchObject({ code: 'TooLong' });
  });

  test.each(['lower', 'upper', 'initcap', 'trim', 'ltrim', 'rtrim', 'json_parse'])('%s of a text', (name) => {
    const call = `${name}(s)`;
    expect(evaluate(call, { s: `${WHOLE}x` }, json)).toMatchObject(tooLong('Transformation', call));
  });

  test('all texts of an array together', () => {
    const into = arrayOf(text);
    expect(evaluate('array(s, s2)', { s: HALF, s2: HALF.slice(2) }, into)).toHaveLength(2);
    expect(evaluate('array(s, s2, "y")', { s: HALF, s2: HALF }, into)).toMatchObject(
      tooLong('Transformation', 'array(s, s2, "y")'),
    );
  });

  test('all texts of an array of arrays together', () => {
    expect(evaluate('array(a, a)', { a: [HALF, 'y'] }, arrayOf(arrayOf(text)))).toMatchObject({ code: 'TooLong' });
  });

  test('all keys and texts of a map together', () => {
    const call = "map('a', s, 'b', s2)";
    expect(evaluate(call, { s: HALF, s2: '' }, mapOf(json))).not.toBeInstanceOf(ValueFailure);
    expect(evaluate(call, { s: HALF, s2: HALF }, mapOf(json))).toMatchObject(tooLong('Transformation', call));
  });

  test.each<[string, string, object, object]>([
    ['a text', 's', { s: WHOLE }, text],
    ['a text of which escapes make more', 's', { s: '\u0001'.repeat(MAX_TEXT_LENGTH / 4) }, text],
    ['an array', 'a', { a: [HALF, HALF] }, text],
    ['a map', 'o', { o: { x: WHOLE } }, text],
  ])('the JSON of %s', (_, expression, values) => {
    expect(evaluate(expression, values as Record<string, Value>, json)).toMatchObject(
      tooLong('OutputValidation', expression),
    );
  });

  test('of the JSON of a text just so much, with its escapes', () => {
    const fits = ['"'.repeat(MAX_TEXT_LENGTH / 2 - 1), 'x'.repeat(MAX_TEXT_LENGTH - 2)];
    for (const s of fits) {
      expect(evaluate('s', { s }, json)).toHaveLength(MAX_TEXT_LENGTH);
      expect(evaluate('s', { s: `${s}"` }, json)).toMatchObject({ code: 'TooLong' });
    }
  });

  test('the keys of the JSON of a map', () => {
    const convert = compileConversion(mapOf(text), json, { expression: 'm', outPath: 'o', nullable: true });
    expect(convert({ [WHOLE]: '' })).toMatchObject({ code: 'TooLong' });
    expect(convert({ [HALF]: HALF })).toMatchObject({ code: 'TooLong' });
  });
});

test('what is only copied has the limits of its source', () => {
  expect(evaluate('s', { s: `${WHOLE}x` })).toHaveLength(MAX_TEXT_LENGTH + 1);
});

test('a text that JavaScript cannot make is the failure of its property, not an exception', () => {
  const mapping = compileMapping({ a: 's2', b: 's' }, inSchema, object(property('a', text), property('b', text)));
  const row = rowOf({ s2: 'x' });
  Object.defineProperty(row, 0, { get: () => 'x'.repeat(2 ** 30) });
  expect(mapping.evaluate(row, [])).toMatchObject({
    ...{ step: 'Transformation', code: 'TooLong' },
    message: '«s» is longer than 16777216 characters while mapping to «b»',
  });
});

describe('textLength', () => {
  test.each<[readonly Value[], number]>([
    [[], 0],
    [['abc', null, 'de'], 5],
    [['😀'], 2],
    [[1, true, null], 0],
    [[['a', 'bc'], []], 5],
    [[{ key: 'value' }], 9],
    [[{ a: ['x', { b: 'yy' }], c: null }], 11],
  ])('of %j is %d', (row, length) => {
    expect(textLength(row)).toBe(length);
  });
});
