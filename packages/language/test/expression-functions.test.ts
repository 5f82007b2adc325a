import { describe, expect, test } from 'vitest';
import { compileMapping, type Type, type Value, ValueFailure } from '../src/index.js';
import {
  arrayOf,
  boolean,
  evaluate,
  inSchema,
  int8,
  int32,
  json,
  mapOf,
  messages,
  object,
  property,
  type Row,
  rowOf,
  text,
} from './expression-support.js';

type Case = readonly [expression: string, row: Row, result: Value];

function gives(outType: Type, cases: readonly Case[]): void {
  test.each(cases)('%s of %j is %j', (expression, row, result) => {
    expect(evaluate(expression, row, outType)).toEqual(result);
  });
}

function fails(outType: Type, cases: readonly (readonly [expression: string, row: Row, message: string])[]): void {
  test.each(cases)('%s of %j fails', (expression, row, message) => {
    const failure = evaluate(expression, row, outType);
    expect(failure).toBeInstanceOf(ValueFailure);
    expect(failure).toMatchObject({ step: 'Transformation', message: `${message} while mapping to «out»` });
  });
}

function refuses(outType: Type, cases: readonly (readonly [expression: string, ...messages: string[]])[]): void {
  test.each(cases)('%s is refused', (expression, ...expected) => {
    expect(messages(expression, outType)).toEqual(expected);
  });
}

describe('the number of arguments', () => {
  const single = ['initcap', 'json_parse', 'len', 'lower', 'ltrim', 'not', 'rtrim', 'trim', 'upper'];
  refuses(
    json,
    single.flatMap((name) => [
      [`${name}()`, `'${name}' function requires a single argument`],
      [`${name}(b, b)`, `'${name}' function requires a single argument`],
    ]),
  );
  refuses(json, [
    ['and()', "'and' function requires at least two arguments"],
    ['and(b)', "'and' function requires at least two arguments"],
    ['or(b)', "'or' function requires at least two arguments"],
    ['eq(s)', "'eq' function requires two arguments"],
    ['eq(s, s, s)', "'eq' function requires two arguments"],
    ['ne(s)', "'ne' function requires two arguments"],
    ['if(b)', "'if' function requires two or three arguments"],
    ['if(b, s, s, s)', "'if' function requires two or three arguments"],
    ['coalesce()', "'coalesce' function requires at least one argument"],
    ["map('a')", "'map' function requires an even number of arguments"],
    ['substring(s)', "'substring' function requires two or three arguments"],
    ['substring(s, 1, 2, 3)', "'substring' function requires two or three arguments"],
  ]);
});

describe('and, or, not', () => {
  gives(boolean, [
    ['and(b, b2)', { b: true, b2: true }, true],
    ['and(b, b2)', { b: true, b2: false }, false],
    ['and(b, b2)', { b: null, b2: false }, false],
    ['and(b, b2)', { b: null, b2: true }, null],
    ['and(b, b2, true)', { b: true, b2: null }, null],
    ['and(b, j)', { b: false, j: '[]' }, false],
    ['and(s, i8)', { s: 'Yes', i8: 3 }, true],
    ['and(s, true)', { s: '' }, null],
    ['and(j, true)', { j: 'true' }, true],
    ['and(j, true)', { j: 'null' }, null],
    ['or(b, b2)', { b: false, b2: true }, true],
    ['or(b, b2)', { b: false, b2: false }, false],
    ['or(b, b2)', { b: null, b2: true }, true],
    ['or(b, b2)', { b: null, b2: false }, null],
    ['or(b, j)', { b: true, j: '[]' }, true],
    ['not(b)', { b: true }, false],
    ['not(b)', { b: false }, true],
    ['not(b)', {}, null],
    ['not(s)', { s: 'no' }, true],
    ['not(true)', {}, false],
    ['not(and(true, null))', {}, null],
  ]);
  fails(boolean, [
    [
      'and(b, s)',
      { b: true, s: 'maybe' },
      '«s» (type string) does not represent a boolean when passed to the «and» function',
    ],
    ['not(j)', { j: '1' }, '«j», of type JSON number, cannot be passed as boolean to the «not» function'],
    [
      'or(j.x, b)',
      { j: '{"x":"true"}' },
      '«j.x», of type JSON string, cannot be passed as boolean to the «or» function',
    ],
  ]);
  refuses(boolean, [
    ['and(i, b)', 'cannot convert i (type int(32)) to boolean'],
    ['and(ts, a)', 'cannot convert ts (type datetime) to boolean', 'cannot convert a (type array(string)) to boolean'],
    ["not('maybe')", '"maybe" is not convertible to the boolean type'],
    ['not(5)', '5 is not convertible to the boolean type'],
    ['not(nope)', 'property "nope" does not exist'],
  ]);
});

describe('eq and ne', () => {
  gives(boolean, [
    ["eq(s, 'x')", { s: 'x' }, true],
    ["eq(s, 'x')", { s: 'X' }, false],
    ["eq(s, 'x')", {}, null],
    ["ne(s, 'x')", {}, null],
    ["ne(s, 'x')", { s: 'y' }, true],
    ['ne(s, s2)', { s: 'y', s2: 'y' }, false],
    ['eq(s, s2)', { s: 'y' }, null],
    ['eq(s, null)', { s: 'y' }, null],
    ["eq(s, '')", { s: '' }, true],
    ['eq(s, 5)', { s: '05' }, true],
    ['eq(s, 5)', { s: 'five' }, false],
    ['ne(s, 5)', { s: 'five' }, true],
    ['eq(s, 5)', { s: '' }, false],
    ['eq(5, s)', { s: '05' }, false],
    ['eq(i8, 5)', { i8: 5 }, true],
    ['eq(i64, 5)', { i64: '5' }, true],
    ['eq(i, i64)', { i: 5, i64: '5' }, true],
    ['eq(i64, 5000000000)', { i64: '5000000000' }, true],
    ['eq(i8, 300)', { i8: 44 }, false],
    ['eq(d, 1.5)', { d: '1.5000' }, true],
    ['eq(d, d2)', { d: '1.5000', d2: '1.50' }, true],
    ['ne(d, d2)', { d: '1.5001', d2: '1.50' }, true],
    ['eq(d, 5)', { d: '5.0000' }, true],
    ['eq(d, 5)', { d: '5.5000' }, false],
    ['eq(5, d)', { d: '5.0' }, true],
    ['eq(f, 5)', { f: 5.4 }, false],
    ['eq(f, 5)', { f: 5 }, true],
    ['eq(f, 0.1)', { f: 0.1 }, true],
    ['eq(0.1, f32)', { f32: Math.fround(0.1) }, true],
    ['eq(d, f)', { d: '0.1000', f: 0.1 }, true],
    ['eq(f, f32)', { f: 0.1, f32: Math.fround(0.1) }, false],
    ['eq(f, f)', { f: Number.NaN }, false],
    ['eq(y, i)', { y: 2024, i: 2024 }, true],
    ['eq(y, i)', { y: 2024, i: 0 }, false],
    ["eq(ts, '2024-01-02T03:04:05Z')", { ts: '2024-01-02 03:04:05' }, true],
    ["eq('2024-01-02T04:04:05+01:00', ts)", { ts: '2024-01-02 03:04:05' }, true],
    ['eq(ts, day)', { ts: '2024-01-02 03:04:05', day: '2024-01-02' }, true],
    ["eq(u, '0A')", { u: '00000000-0000-0000-0000-00000000000a' }, false],
    ["eq(b, 'true')", { b: true }, true],
    ['eq(j, j2)', { j: '{"a":1}', j2: '{"a":1}' }, true],
    ['eq(j, j2)', { j: '{"a":1}', j2: '{"a": 1}' }, false],
    ['eq(j, j2)', { j: 'null', j2: 'null' }, true],
    ["eq(j, 'x')", { j: '"x"' }, true],
    ["eq(j, 'x')", { j: '[1]' }, false],
    ["eq('x', j)", { j: '"x"' }, true],
    ['eq(a, a2)', { a: ['x', 'y'], a2: ['x', 'y'] }, true],
    ['eq(a, a2)', { a: ['x', 'y'], a2: ['x'] }, false],
    ['eq(a, a2)', { a: ['x', 'y'], a2: ['x', 'z'] }, false],
    ['eq(a, array(s))', { a: ['x'], s: 'x' }, true],
    ['eq(a, array(s))', { a: ['x'], s: 'y' }, false],
    ['eq(m, m)', { m: { a: 1, b: null } }, true],
    ['eq(o, o)', { o: { x: 'a', y: 1 } }, true],
    ["eq(choice, 'p')", { choice: 'p' }, true],
    ["eq('z', choice)", { choice: 'p' }, false],
    ["eq(coalesce(i, s), 'x')", { s: 'x' }, true],
    ["eq(coalesce(i, s), '7')", { i: 7 }, true],
    ['eq(s, coalesce(i, s2))', { s: '07', i: 7 }, true],
    ['eq(s, coalesce(i, s2))', { s: '07', s2: '7' }, false],
    ['eq(if(b, s, ts), if(b2, a, s2))', { b: true, b2: false, s: 'x', s2: 'x' }, true],
    ['eq(if(b, s, ts), if(b2, a, s2))', { b: true, b2: true, s: 'x', a: ['x'] }, false],
    ['eq(if(b, s, ts), s2)', { s2: 'x' }, null],
  ]);
  refuses(boolean, [
    ['eq(b, i)', "first argument of 'eq(...)' is not convertible to the type of the second"],
    ['ne(a, s)', "first argument of 'ne(...)' is not convertible to the type of the second"],
    ['eq(ts, t)', "second argument of 'eq(...)' is not convertible to the type of the first"],
    ['eq(nope, nix)', 'property "nope" does not exist', 'property "nix" does not exist'],
  ]);
  fails(boolean, [
    ["eq(j.a.b, 'x')", { j: '{"a":1}' }, 'invalid j.a.b: j.a is not JSON object, it is number'],
    ['ne(j.a.b, null)', { j: '{"a":1}' }, 'invalid j.a.b: j.a is not JSON object, it is number'],
    ['eq(s, j.a.b)', { j: '{"a":1}' }, 'invalid j.a.b: j.a is not JSON object, it is number'],
  ]);
});

describe('if', () => {
  gives(text, [
    ["if(b, 'yes', 'no')", { b: true }, 'yes'],
    ["if(b, 'yes', 'no')", { b: false }, 'no'],
    ["if(b, 'yes', 'no')", {}, 'no'],
    ["if(b, 'yes')", { b: true }, 'yes'],
    ["if(b, 'yes')", { b: false }, null],
    ['if(b, i, f)', { b: true, i: 7 }, '7'],
    ['if(b, i, f)', { f: 1e6 }, '1e+06'],
    ['if(b, i, null)', { b: true }, null],
    ["if(eq(s, 'pro'), 'paying', 'free')", { s: 'pro' }, 'paying'],
    ["if(b, if(b2, 'x', 'y'), 'z')", { b: true, b2: false }, 'y'],
    ["if(b, j.a.b, 'no')", { b: false, j: '{"a":1}' }, 'no'],
  ]);
  gives(int8, [
    ["if(b, s, '')", { b: true, s: '7' }, 7],
    ["if(b, s, '')", { b: false }, null],
    ["if(b, s, '')", { b: true, s: '' }, null],
  ]);
  refuses(int8, [
    ['if(b, ts, 5)', 'cannot convert ts (type datetime) to int(8)'],
    ["if(b, 'x', 5)", '"x" is not convertible to the int(8) type'],
    ['if(b, 300)', 'number 300 is not a int(8) value'],
  ]);
  test('converts the branch that is taken, in the words of the whole', () => {
    expect(evaluate('if(b, i, s)', { b: true, i: 1000 }, int8)).toMatchObject({
      step: 'OutputValidation',
      message: 'number «if(b, i, s)» is not a «int(8)» value while mapping to «out»',
    });
  });
});

describe('coalesce', () => {
  gives(text, [
    ['coalesce(s)', {}, null],
    ['coalesce(s, s2)', { s: 'a', s2: 'b' }, 'a'],
    ['coalesce(s, s2)', { s: '', s2: 'b' }, ''],
    ["coalesce(s, s2, 'c')", { s2: 'b' }, 'b'],
    ["coalesce(s, s2, 'c')", {}, 'c'],
    ["coalesce(null, i, 'c')", { i: 5 }, '5'],
    ["coalesce(j, 'c')", { j: 'null' }, null],
    ["coalesce(j.x, 'c')", { j: '{}' }, 'c'],
    ['coalesce(s, j.a.b)', { s: 'x', j: '{"a":1}' }, 'x'],
  ]);
  gives(json, [["coalesce(j, 'c')", { j: 'null' }, 'null']]);
  gives(int8, [
    ['coalesce(s, 5)', { s: '' }, null],
    ['coalesce(if(b, s, i), 5)', { b: true, s: '' }, null],
    ['coalesce(if(b, s, i), 5)', { b: true }, 5],
    ['coalesce(coalesce(s, i), 5)', { s: '' }, null],
    ['coalesce(coalesce(s, i), 5)', {}, 5],
  ]);
  refuses(int8, [['coalesce(s, day)', 'cannot convert day (type date) to int(8)']]);
});

describe('array', () => {
  gives(json, [
    ['array()', {}, '[]'],
    ["array(s, i, null, b, d, 'x')", { s: 'a"', i: 5, b: true, d: '1.5000' }, '["a\\"",5,null,true,1.5,"x"]'],
    ['array(s, j)', { j: 'null' }, '[null,null]'],
    ['array(array(1), ts)', { ts: '2024-01-02 03:04:05' }, '[[1],"2024-01-02T03:04:05Z"]'],
  ]);
  gives(arrayOf(text), [
    ["array(s, i, 'x')", { s: 'a', i: 5 }, ['a', '5', 'x']],
    ['if(b, array(i))', { b: true, i: 5 }, ['5']],
  ]);
  gives(arrayOf(int32), [["array(s, '7', 8)", { s: '6' }, [6, 7, 8]]]);
  gives(arrayOf(int32), [
    ['array(if(b, 1, null))', { b: true }, [1]],
    ["array(if(b, 1, ''))", { b: true }, [1]],
  ]);
  gives(arrayOf(json), [['array(s, i)', { i: 5 }, ['null', '5']]]);
  refuses(arrayOf(int32), [
    ['array(null)', 'null is not convertible to the int(32) type'],
    ["array('')", '"" is not convertible to the int(32) type'],
    [
      "array(1, 'x', a)",
      '"x" is not convertible to the int(32) type',
      'cannot convert a (type array(string)) to int(32)',
    ],
  ]);
  test('refuses a record whose element would be null, and what the array itself refuses', () => {
    expect(evaluate('array(i)', {}, arrayOf(int32))).toMatchObject({
      step: 'OutputValidation',
      message: '«i» has value null but it is not nullable while mapping to «out»',
    });
    const unique: Type = { kind: 'array', elementType: text, uniqueElements: true };
    expect(evaluate('array(s, s2)', { s: 'a', s2: 'b' }, unique)).toEqual(['a', 'b']);
    expect(evaluate('array(s, s2)', { s: 'a', s2: 'a' }, unique)).toMatchObject({ code: 'RepeatedElement' });
  });
  test('refuses a value that JSON cannot write', () => {
    expect(evaluate('array(f)', { f: Number.NaN }, json)).toBeInstanceOf(ValueFailure);
  });
});

describe('map', () => {
  gives(json, [
    ['map()', {}, '{}'],
    ["map('b', s, 'a', 5)", { s: 'x' }, '{"a":5,"b":"x"}'],
    ["map('a', s, 'b', lower(s), 'c', null, 'd' 'e', j.x)", { j: '{}' }, '{"b":null,"c":null}'],
    ["map('a', j)", { j: 'null' }, '{"a":null}'],
    ["map('__proto__', 1)", {}, '{"__proto__":1}'],
    ["map('a', map('b', array(1)))", {}, '{"a":{"b":[1]}}'],
  ]);
  gives(mapOf(int32), [["map('a', i, 'b', 2)", { i: 1 }, { a: 1, b: 2 }]]);
  gives(object(property('x', text), property('z', text)), [["map('x', s, 'y', 1)", { s: 'v' }, { x: 'v' }]]);
  refuses(json, [
    ['map(s, 1)', 'key is not constant'],
    ["map('a' s, 1)", 'key is not constant'],
    ["map(lower('a'), 1)", 'key is not constant'],
    ['map(5, 1)', 'key is not string'],
    ['map(null, 1)', 'key is not string'],
    ["map('a', 1, 'b', 2, 'a', 3)", "duplicate key in 'map' function"],
    ['map(5, 1, s, nope)', 'key is not string', 'key is not constant', 'property "nope" does not exist'],
  ]);
  refuses(text, [["map('a', 1)", 'cannot convert expression (type map(json)) to string']]);
});

describe('json_parse', () => {
  gives(json, [
    ['json_parse(s)', { s: ' {"a": 1.50} ' }, ' {"a": 1.50} '],
    ['json_parse(s)', { s: 'null' }, 'null'],
    ['json_parse(s)', {}, null],
    ['json_parse(j)', { j: '"[1]"' }, '[1]'],
    ['json_parse(j)', { j: 'null' }, null],
    ['json_parse(i)', { i: 5 }, '5'],
    ['json_parse(s)', { s: '"\u{1f600}"' }, '"\u{1f600}"'],
    ['json_parse(s)', { s: '{"a":"a","b":["a","a"]}' }, '{"a":"a","b":["a","a"]}'],
    [
      'json_parse(s)',
      { s: '{"a":{"b":1},"b":[{"b":2},{"b":3}],"c":"a\\":"}' },
      '{"a":{"b":1},"b":[{"b":2},{"b":3}],"c":"a\\":"}',
    ],
  ]);
  const invalid = '«s» cannot be parsed by «json_parse» because it is not valid JSON';
  fails(json, [
    ...[
      '',
      '{',
      '[1,]',
      'nul',
      "{'a':1}",
      '1 2',
      '{"a":1,"a":2}',
      '{"a":1,"\\u0061":2}',
      '[{"x":{"k":1,"k" :1}}]',
      '"\\ud800"',
      '\ufeff1',
      '\u00a01',
    ].map((value) => ['json_parse(s)', { s: value }, invalid] as const),
    [
      'json_parse(j)',
      { j: '5' },
      '«j» is a JSON number and cannot be passed as a string value to the «json_parse» function',
    ],
    [
      'json_parse(j)',
      { j: '{}' },
      '«j» is a JSON object and cannot be passed as a string value to the «json_parse» function',
    ],
  ]);
  refuses(json, [['json_parse(a)', 'cannot convert a (type array(string)) to string']]);
});

describe('len', () => {
  gives(int32, [
    ['len(s)', {}, 0],
    ['len(null)', {}, 0],
    ['len(s)', { s: 'aé\u{1f600}' }, 3],
    ['len(b)', { b: true }, 4],
    ['len(b)', { b: false }, 5],
    ['len(i)', { i: -123 }, 4],
    ['len(i64)', { i64: '-9223372036854775808' }, 20],
    ['len(f)', { f: 1e6 }, 5],
    ['len(f)', { f: 0.5 }, 3],
    ['len(f32)', { f32: Math.fround(0.1) }, 3],
    ['len(d)', { d: '1.5000' }, 3],
    ['len(ts)', { ts: '2024-01-02 03:04:05.123' }, 20],
    ['len(day)', { day: '2024-01-02' }, 10],
    ['len(t)', { t: '10:20:30.5' }, 10],
    ['len(y)', { y: 987 }, 3],
    ['len(u)', { u: '00000000-0000-0000-0000-00000000000a' }, 36],
    ['len(ip)', { ip: '::1' }, 3],
    ['len(j)', { j: 'null' }, 0],
    ['len(j)', { j: ' "a\\u00e9" ' }, 2],
    ['len(j)', { j: ' 12.50 ' }, 5],
    ['len(j)', { j: 'true' }, 4],
    ['len(j)', { j: 'false' }, 5],
    ['len(j)', { j: '[1,[2,3]]' }, 2],
    ['len(j)', { j: '{"a":1,"b":{"c":2}}' }, 2],
    ['len(a)', { a: ['x', 'y', 'z'] }, 3],
    ['len(m)', { m: { a: null, b: 1 } }, 2],
    ['len(o)', { o: { x: null } }, 1],
    ["len(s '!' s2)", { s: 'ab' }, 3],
    ['len(array(1, 2))', {}, 2],
    ['len(coalesce(i, s))', { s: 'abc' }, 3],
    ['len(coalesce(i, s))', { i: 12 }, 2],
  ]);
});

describe('texts', () => {
  gives(text, [
    ['lower(s)', { s: 'ÀBC' }, 'àbc'],
    ['lower(s)', {}, null],
    ['lower(s)', { s: '' }, ''],
    ['lower(s)', { s: 'ΟΔΟΣ İß' }, 'οδοσ iß'],
    ['lower(i)', { i: 5 }, '5'],
    ['lower(f)', { f: Number.NaN }, 'nan'],
    ['lower(ts)', { ts: '2024-01-02 03:04:05' }, '2024-01-02t03:04:05z'],
    ['lower(j)', { j: '"ABC"' }, 'abc'],
    ['lower(j)', { j: 'null' }, null],
    ['lower(j)', { j: '1E2' }, '1e2'],
    ["lower('ABC')", {}, 'abc'],
    ["lower(s ' X')", { s: 'A' }, 'a x'],
    ['lower(coalesce(j, s))', { s: 'A' }, 'a'],
    ['upper(s)', { s: 'straße ŉ ﬁ ᾳ ᾀ ÿ µ' }, 'STRAßE ŉ ﬁ ᾼ ᾈ Ÿ Μ'],
    ['upper(b)', { b: true }, 'TRUE'],
    ['upper(s)', { s: '\u{10428}' }, '\u{10400}'],
    ['initcap(s)', { s: "john o'neil-smith mc_donald 3rd ÉCOLE été" }, "John O'Neil-Smith Mc_donald 3rd ÉCOLE Été"],
    ['initcap(s)', { s: 'ǆ ნ x—y \u{10428}a\u00a0b' }, 'ǅ ნ X—y \u{10400}a\u00a0B'],
    ['initcap(s)', { s: 'X' }, 'X'],
    ['initcap(s)', {}, null],
    ['trim(s)', { s: '\u0085\u00a0\u3000 \t\v a b \u2028\n' }, 'a b'],
    ['trim(s)', { s: '\ufeffa\ufeff' }, '\ufeffa\ufeff'],
    ['trim(s)', { s: ' \n ' }, ''],
    ['trim(s)', {}, null],
    ['ltrim(s)', { s: ' \u0085a ' }, 'a '],
    ['ltrim(s)', { s: ' ' }, ''],
    ['rtrim(s)', { s: ' a\u2009\r' }, ' a'],
    ['rtrim(s)', { s: 'a' }, 'a'],
    ["trim(lower(initcap(' A ')))", {}, 'a'],
    ["'<' upper(s) '>'", { s: 'a' }, '<A>'],
    ["'<' upper(s) '>'", {}, '<>'],
    ["'<' not(b) json_parse(s) '>'", { b: true, s: 'null' }, '<falsenull>'],
  ]);
  gives(int32, [['trim(s)', { s: ' 12 ' }, 12]]);
  fails(text, [
    [
      'lower(j)',
      { j: '[1]' },
      '«j» (a JSON array) cannot be converted to a string value to be passed to the «lower» function',
    ],
    [
      'upper(j.x)',
      { j: '{"x":{}}' },
      '«j.x» (a JSON object) cannot be converted to a string value to be passed to the «upper» function',
    ],
    [
      "'x' trim(j)",
      { j: '[1]' },
      '«j» (a JSON array) cannot be converted to a string value to be passed to the «trim» function',
    ],
  ]);
  refuses(text, [
    ['lower(a)', 'cannot convert a (type array(string)) to string'],
    ['initcap(m)', 'cannot convert m (type map(int(32))) to string'],
    ["'x' array(1)", 'cannot convert array(1) (type array(json)) to string'],
  ]);
  refuses(arrayOf(text), [['lower(s)', 'cannot convert expression (type string) to array(string)']]);
  refuses({ kind: 'date' }, [['not(b)', 'cannot convert expression (type boolean) to date']]);
});

describe('substring', () => {
  const s = 'aé\u{1f600}b';
  gives(text, [
    ['substring(s, 1)', { s }, s],
    ['substring(s, 2)', { s }, 'é\u{1f600}b'],
    ['substring(s, 4)', { s }, 'b'],
    ['substring(s, 5)', { s }, ''],
    ['substring(s, 0)', { s }, s],
    ['substring(s, -3)', { s }, s],
    ['substring(s, 1, 2)', { s }, 'aé'],
    ['substring(s, 2, 2)', { s }, 'é\u{1f600}'],
    ['substring(s, -3, 2)', { s }, 'aé'],
    ['substring(s, 3, 100)', { s }, '\u{1f600}b'],
    ['substring(s, 9, 1)', { s }, ''],
    ['substring(s, 2, 0)', { s }, ''],
    ['substring(s, 1, 2147483647)', { s }, s],
    ["substring('', 1, 3)", {}, ''],
    ["substring('', 1)", {}, ''],
    ['substring(s, 1)', {}, null],
    ['substring(s, i)', { s }, null],
    ['substring(s, 1, i)', { s }, null],
    ['substring(s, s2, j)', { s, s2: '2', j: '1' }, 'é'],
    ['substring(s, i64, f)', { s, i64: '2', f: 1.4 }, 'é'],
    ['substring(i, 2)', { i: 123 }, '23'],
  ]);
  fails(text, [
    ['substring(s, 1, -1)', { s }, 'substring: negative substring length is not allowed'],
    [
      'substring(s, s2)',
      { s, s2: 'x' },
      '«s2» (type string) does not represent an int(32) when passed to the «substring» function',
    ],
    [
      'substring(s, j)',
      { s, j: '"1"' },
      '«j», of type JSON string, cannot be passed as int(32) to the «substring» function',
    ],
    [
      'substring(s, i64)',
      { s, i64: '2147483648' },
      '«i64» (type int(64)) does not represent an int(32) when passed to the «substring» function',
    ],
    ["substring('a', 1, -1)", {}, 'substring: negative substring length is not allowed'],
  ]);
  refuses(text, [
    ["substring(s, 'x', 1.5)", '"x" is not convertible to the int(32) type', 'number 1.5 is not a int(32) value'],
    [
      'substring(a, b, ts)',
      'cannot convert a (type array(string)) to string',
      'cannot convert b (type boolean) to int(32)',
      'cannot convert ts (type datetime) to int(32)',
    ],
  ]);
  fails(int32, [["substring('1', 1, -1)", {}, 'substring: negative substring length is not allowed']]);
});

describe('paths into one JSON property', () => {
  test('each read what they name, record after record', () => {
    const expression = "j.a ' ' j.b.c ' ' j.b.d ' ' j.a ' ' j2.a ' ' j['b']['c']";
    expect(evaluate(expression, { j: '{"a":1,"b":{"c":2,"d":3}}', j2: '{"a":9}' })).toBe('1 2 3 1 9 2');
    const mapping = compileMapping({ out: expression }, inSchema, object(property('out', text)));
    const read = (j: string): Value | ValueFailure | undefined => {
      const out: Value[] = [];
      return mapping.evaluate(rowOf({ j }), out) ?? out[0];
    };
    expect(read('{"a":1,"b":{"c":2}}')).toBe('1 2  1  2');
    expect(read('{"b":{"d":"x"}}')).toBe('  x   ');
    expect(read('{"b":{"d":"x"}}')).toBe('  x   ');
    expect(read('{"a":5}')).toBe('5   5  ');
    expect(read('{"b":5}')).toMatchObject({
      message: 'invalid j.b.c: j.b is not JSON object, it is number while mapping to «out»',
    });
  });
});
