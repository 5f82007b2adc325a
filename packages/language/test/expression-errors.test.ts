import { describe, expect, test } from 'vitest';
import { checkExpression, type Type } from '../src/index.js';
import { arrayOf, boolean, inSchema, int8, int32, json, mapOf, text, violations } from './expression-support.js';

describe('the position of an error', () => {
  test.each<[expression: string, line: number, column: number, offset: number, length: number]>([
    ['', 1, 1, 0, 0],
    ['@', 1, 1, 0, 1],
    ['s @', 1, 3, 2, 1],
    ['s\n  @', 2, 3, 4, 1],
    ['s\r\n\u{1f600}', 2, 1, 3, 2],
    ["'\u{1f600}' nope", 1, 5, 5, 4],
    ["'\u{1f600}\n\u{1f600}\u{1f600}' nope", 2, 5, 10, 4],
    ["s 'abc", 1, 3, 2, 4],
    ["'a\\ud800b'", 1, 3, 2, 6],
    ["'a\\u12x4'", 1, 7, 6, 1],
    ["'ab\0c'", 1, 4, 3, 1],
    ['s 1.2.3 s', 1, 3, 2, 5],
    ['s..x', 1, 2, 1, 1],
    ['j.', 1, 3, 2, 0],
    ['j[s]', 1, 3, 2, 1],
    ['foo(s)', 1, 1, 0, 3],
    ['lower(upper(s)', 1, 15, 14, 0],
    ['lower(,)', 1, 7, 6, 1],
    ["s '-' lower(\n  nope)", 2, 3, 15, 4],
    ['o.x.y', 1, 5, 4, 1],
    ['o["z"]', 1, 2, 1, 5],
    ['s?', 1, 1, 0, 2],
    ['lower( a )', 1, 8, 7, 1],
    ['substring(s)', 1, 1, 0, 9],
    ["s a 'x'", 1, 3, 2, 1],
    [' a ', 1, 2, 1, 1],
  ])('%j', (expression, line, column, offset, length) => {
    expect(violations(expression)).toMatchObject([{ position: { line, column, offset, length } }]);
  });

  test('is shown below the line it is in', () => {
    const expression = "first\n\tlower('\u{1f600}', nope ) 'x'\nlast";
    expect(violations("'a'\n\tlower('\u{1f600}' nope ) 'x'\n's'")[0]?.position?.excerpt).toBe(
      " lower('\u{1f600}' nope ) 'x'\n           ^^^^",
    );
    expect(violations(expression)[0]?.position?.excerpt).toBe('first\n^^^^^');
    expect(violations('')[0]?.position?.excerpt).toBe('\n^');
    expect(violations("'ab\ncd")[0]?.position?.excerpt).toBe("'ab\n^^^");
  });

  test('is shown with what is around it when the line is long', () => {
    const excerptOf = (expression: string): readonly string[] =>
      violations(expression)[0]?.position?.excerpt.split('\n') ?? [];
    const [line = '', carets = ''] = excerptOf(`'${'a'.repeat(100)}' nope '${'b'.repeat(100)}'`);
    expect(line).toBe(`…${'a'.repeat(26)}' nope '${'b'.repeat(26)}…`);
    expect(line.indexOf('nope')).toBe(carets.indexOf('^'));
    expect(carets.trim()).toBe('^^^^');
    expect(excerptOf(`${'a'.repeat(100)}`)).toEqual([`${'a'.repeat(60)}…`, '^'.repeat(60)]);
    expect(excerptOf(`'${'\u{1f600}'.repeat(70)}' nope`)).toEqual([
      `…${'\u{1f600}'.repeat(54)}' nope`,
      `${' '.repeat(57)}^^^^`,
    ]);
  });

  test('is absent where the expression is not what is wrong', () => {
    expect(violations('s').every(({ position }) => position === undefined)).toBe(true);
  });
});

describe('the errors of an expression', () => {
  test('are all reported, in the order of their places', () => {
    const expression = "if(i, nope, 'x' a) nix lower(m) substring(s)";
    expect(violations(expression).map(({ message, position }) => [message, position?.column])).toEqual([
      ['cannot convert i (type int(32)) to boolean', 4],
      ['property "nope" does not exist', 7],
      ['cannot convert a (type array(string)) to string', 17],
      ['property "nix" does not exist', 20],
      ['cannot convert m (type map(int(32))) to string', 30],
      ["'substring' function requires two or three arguments", 33],
    ]);
  });

  test('are in the order of their places also where one is found later', () => {
    expect(violations('a nope').map(({ position }) => position?.column)).toEqual([1, 3]);
  });

  test('are not more than anybody reads', () => {
    expect(violations('nope '.repeat(1000))).toHaveLength(20);
  });
});

describe('checkExpression', () => {
  test.each<[expression: string, type: Type, properties: readonly string[]]>([
    ['s', text, ['s']],
    ['i', int32, ['i']],
    ["s ' ' i", text, ['i', 's']],
    ['lower(o.x)', text, ['o.x']],
    ['j.a["b"]', json, ['j']],
    ['m.x', int32, ['m']],
    ['not(b)', boolean, ['b']],
    ['eq(s, s2)', boolean, ['s', 's2']],
    ['len(a)', int32, ['a']],
    ["if(b, 'x', s)", text, ['b', 's']],
    ['if(b, i, s)', json, ['b', 'i', 's']],
    ['coalesce(i, 5)', int32, ['i']],
    ['array(s)', arrayOf(json), ['s']],
    ["map('a', s)", mapOf(json), ['s']],
    ['json_parse(s)', json, ['s']],
    ['5', int32, []],
    ['lower("A")', text, []],
  ])('%s', (expression, type, properties) => {
    expect(checkExpression(expression, inSchema)).toEqual({ properties, type, errors: [] });
  });

  test('takes the type that the expression is for', () => {
    expect(checkExpression('array(s)', inSchema, arrayOf(int32)).type).toEqual(arrayOf(int32));
    expect(checkExpression('if(b, i, s)', inSchema, int8).type).toEqual(int8);
    expect(checkExpression('ts', inSchema, int8)).toEqual({
      properties: ['ts'],
      type: null,
      errors: [
        {
          message: 'cannot convert expression (type datetime) to int(8)',
          line: 1,
          column: 1,
          offset: 0,
          length: 2,
          excerpt: 'ts\n^^',
        },
      ],
    });
  });

  test('shows the errors of what is still being written', () => {
    expect(checkExpression("lower(s, 'x", inSchema)).toEqual({
      properties: [],
      type: null,
      errors: [
        {
          message: 'string is not terminated',
          line: 1,
          column: 10,
          offset: 9,
          length: 2,
          excerpt: "lower(s, 'x\n         ^^",
        },
      ],
    });
    const check = checkExpression('lower(s) nope', inSchema);
    expect(check.properties).toEqual(['s']);
    expect(check.errors.map(({ message }) => message)).toEqual(['property "nope" does not exist']);
  });
});
