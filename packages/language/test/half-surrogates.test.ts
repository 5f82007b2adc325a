import { describe, expect, test } from 'vitest';
import type { Type } from '../src/index.js';
import { arrayOf, evaluate, json, mapOf, object, property, text } from './expression-support.js';

const HALF = '"a\\ud800"';

const UNICODE = '«j» has text that is not valid Unicode while mapping to «out»';

describe('half of a surrogate pair, which a JSON string can write as an escape,', () => {
  test.each<[string, Type, string]>([
    ['a string', text, HALF],
    ['a string with limits', { kind: 'string', maxLength: 3 }, HALF],
    ['an array of strings', arrayOf(text), `["x", ${HALF}]`],
    ['a map of strings', mapOf(text), `{"k": ${HALF}}`],
  ])('is refused where it becomes %s', (_, type, j) => {
    expect(evaluate('j', { j }, type)).toMatchObject({
      step: 'OutputValidation',
      code: 'NotUnicode',
      message: UNICODE,
    });
  });

  test('is refused where it becomes a property', () => {
    const type = object(property('x', text));
    expect(evaluate('j', { j: `{"x": ${HALF}}` }, type)).toMatchObject({ code: 'NotUnicode' });
  });

  test('is refused where it becomes the key of a map', () => {
    const message = '«j» has a key that is not valid Unicode while mapping to «out»';
    expect(evaluate('j', { j: '{"\\ud800": 1}' }, mapOf(json))).toMatchObject({ code: 'NotUnicode', message });
  });

  test.each(["'x' j", 'lower(j)', 'upper(j)', 'initcap(j)', 'trim(j)', 'substring(j, 1)', 'len(j)'])(
    'is refused by %s',
    (expression) => {
      expect(evaluate(expression, { j: HALF })).toMatchObject({
        ...{ step: 'Transformation', code: 'NotUnicode', message: UNICODE },
      });
    },
  );

  test('is refused in what is parsed as JSON', () => {
    expect(evaluate('json_parse(j)', { j: HALF }, json)).toMatchObject({ step: 'Transformation', code: 'NotJSON' });
  });

  test.each([
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\\\ud800"', '\\ud800'],
    ['"a\\nb"', 'a\nb'],
  ])('is not seen in %s', (j, expected) => {
    expect([evaluate('j', { j }), evaluate("'' j ''", { j }), evaluate('trim(j)', { j })]).toEqual(
      Array.from({ length: 3 }, () => expected),
    );
  });
});
