import { describe, expect, test } from 'vitest';
import type { Type, Value } from '../src/index.js';
import { objectOf, propertyOf, runTrial, type Trial } from './function-support.js';

const STRING = { kind: 'string' } as const;
const INT = { kind: 'int', bitSize: 32 } as const;
const INT64 = { kind: 'int', bitSize: 64 } as const;
const FLOAT = { kind: 'float', bitSize: 64 } as const;
const JSON_TYPE = { kind: 'json' } as const;
const DECIMAL = { kind: 'decimal', precision: 5, scale: 2 } as const;
const arrayOf = (elementType: Type): Type => ({ kind: 'array', elementType });
const mapOf = (elementType: Type): Type => ({ kind: 'map', elementType });

/** What becomes of an expression's value in a property `v` of a type. */
function result(type: Type, expression: string, changes: Partial<Trial> = {}): unknown {
  const output = objectOf(propertyOf('v', type));
  const [outcome] = runTrial({ output, source: `const transform = (r) => ({ v: ${expression} })`, ...changes });
  return typeof outcome === 'string' ? outcome : outcome?.v;
}

const invalid = (code: string, text: string): string => `OutputValidation ${code}: property «v» ${text}`;
const wrongType = (name: string): string => invalid('WrongType', `has a value that is not of type «${name}»`);

describe('values become canonical', () => {
  test.each<[string, Type, string, Value]>([
    ['string', STRING, "'a\\u0000\\u001f\\n😀'", 'a\0\u001f\n😀'],
    ['the empty string', STRING, "''", ''],
    ['boolean', { kind: 'boolean' }, 'false', false],
    ['int', INT, '-5.0', -5],
    ['bigint', INT64, '-9223372036854775808n', '-9223372036854775808'],
    ['digits', INT64, "'42'", '42'],
    ['unsigned', { ...INT64, unsigned: true }, '18446744073709551615n', '18446744073709551615'],
    ['float', FLOAT, '1e21', 1e21],
    ['NaN', FLOAT, 'NaN', Number.NaN],
    ['an infinity', FLOAT, '-Infinity', -Infinity],
    ['float of 32 bits', { kind: 'float', bitSize: 32 }, '0.1', Math.fround(0.1)],
    ['decimal', DECIMAL, "'+1.5e1'", '15'],
    ['decimal with zeros beyond its scale', DECIMAL, "'1.5000'", '1.50'.slice(0, 3)],
    ['datetime', { kind: 'datetime' }, "'2024-01-01T01:00:00.50+01:00'", '2024-01-01 00:00:00.5'],
    ['Date', { kind: 'datetime' }, 'new Date(0)', '1970-01-01 00:00:00'],
    ['date', { kind: 'date' }, "'2024-02-29'", '2024-02-29'],
    ['time', { kind: 'time' }, "'10:20:30.50'", '10:20:30.5'],
    ['year', { kind: 'year' }, '9999', 9999],
    ['uuid', { kind: 'uuid' }, "'{0B0E0F10-0000-4000-8000-000000000000}'", '0b0e0f10-0000-4000-8000-000000000000'],
    ['ip', { kind: 'ip' }, "'2001:DB8:0::1'", '2001:db8::1'],
    ['json', JSON_TYPE, '({ a: [1, undefined, NaN, 5n], b: undefined })', '{"a":[1,null,"NaN","5"]}'],
    ['text in json', JSON_TYPE, "'null'", '"null"'],
    ['array', arrayOf(INT64), '[1n, "2"]', ['1', '2']],
    ['map', mapOf(FLOAT), '({ ["__proto__"]: 1, b: NaN })', JSON.parse('{"__proto__":1,"b":null}')],
    ['object', objectOf(propertyOf('a', INT), propertyOf('b', INT)), '({ b: 1, a: undefined })', { b: 1 }],
    ['function', STRING, '() => 1', null],
    ['undefined', STRING, 'undefined', null],
    ['null', INT64, 'null', null],
    ['nullable json null', JSON_TYPE, 'null', null],
    ['array with JSON null', arrayOf(JSON_TYPE), '[null, undefined]', ['null', 'null']],
    ['bigint in text', STRING, '12n', '12'],
    ['String object', STRING, 'new String("s")', 's'],
  ])('%s', (name, type, expression, expected) => {
    const value = result(type, expression);
    if (name === 'map')
      expect(value).toEqual(Object.assign(Object.create(null), { b: Number.NaN }, { ['__proto__']: 1 }));
    else expect(value).toEqual(expected);
  });

  test('preserved json stays as the function wrote it', () => {
    for (const text of ['{"a\\":": 1}', '{"a": 1.00, "b": [":"]}', 'null', '"\\\\ud800"', '"\\ud83d\\ude00"']) {
      expect(result(JSON_TYPE, JSON.stringify(text), { preserveJSON: true })).toBe(text);
    }
    expect(result(JSON_TYPE, 'null', { preserveJSON: true })).toBe(null);
  });
});

describe('values that do not fit are refused', () => {
  test.each<[Type, string, string]>([
    [STRING, '5', wrongType('string')],
    [STRING, "'a\\ud800'", invalid('NotUnicode', 'has text that is not valid Unicode')],
    [{ kind: 'boolean' }, "'true'", wrongType('boolean')],
    [INT, "'5'", wrongType('number')],
    [INT, '5n', wrongType('number')],
    [INT, 'NaN', wrongType('number')],
    [INT, '1.5', invalid('NotInteger', 'has a value that is not an integer')],
    [INT, '2147483648', invalid('TooLarge', 'is greater than 2147483647')],
    [{ ...INT, minimum: 5, maximum: 10 }, '4', invalid('TooSmall', 'is less than 5')],
    [{ ...INT, unsigned: true }, '-1', invalid('TooSmall', 'is less than 0')],
    [INT64, '5', wrongType('bigint')],
    [INT64, "'5.0'", wrongType('bigint')],
    [INT64, "''", wrongType('bigint')],
    [INT64, '9223372036854775808n', invalid('TooLarge', 'is greater than 9223372036854775807')],
    [INT64, '-9223372036854775809n', invalid('TooSmall', 'is less than -9223372036854775808')],
    [{ ...INT64, maximum: 7 }, '8n', invalid('TooLarge', 'is greater than 7')],
    [{ ...FLOAT, real: true }, 'NaN', invalid('NotFinite', 'has a value that is not a finite number')],
    [FLOAT, "'1'", wrongType('number')],
    [{ ...FLOAT, maximum: 7.5 }, 'Infinity', invalid('TooLarge', 'is greater than 7.5')],
    [{ kind: 'float', bitSize: 32 }, '1e39', invalid('TooLarge', 'is greater than 3.4028234663852886e+38')],
    [DECIMAL, '1.5', wrongType('string')],
    [DECIMAL, "'1,5'", invalid('NotDecimal', 'is not in the expected decimal format')],
    [DECIMAL, "'1000'", invalid('NumberOutOfRange', 'has a value which is not in range of «decimal(5, 2)»')],
    [DECIMAL, "'1.234'", invalid('NumberOutOfRange', 'has a value which is not in range of «decimal(5, 2)»')],
    [{ ...DECIMAL, minimum: '2' }, "'1.99'", invalid('TooSmall', 'is less than 2')],
    [{ kind: 'datetime' }, "'2024-01-01'", invalid('NotDatetime', 'is not in the expected datetime format')],
    [{ kind: 'datetime' }, '0', wrongType('string')],
    [
      { kind: 'datetime' },
      'new Date(8.64e15)',
      invalid('YearOutOfRange', 'has a year outside the allowed range (1–9999)'),
    ],
    [{ kind: 'date' }, "'2024-02-30'", invalid('NotDate', 'is not in the expected date format')],
    [{ kind: 'date' }, "'0000-01-01'", invalid('YearOutOfRange', 'has a year outside the allowed range (1–9999)')],
    [{ kind: 'date' }, 'new Date(0)', invalid('NotDate', 'is not in the expected date format')],
    [{ kind: 'time' }, "'10:20'", invalid('NotTime', 'is not in the expected time format')],
    [{ kind: 'year' }, '0', invalid('YearOutOfRange', 'year is not in range [1,9999]')],
    [{ kind: 'uuid' }, "'x'", invalid('NotUUID', 'is not in the expected UUID format')],
    [{ kind: 'ip' }, "'1.2.3'", invalid('NotIP', 'is not in the expected IP address format')],
    [{ ...STRING, values: ['a'] }, "'b'", invalid('NotAllowed', 'is not one of the allowed values')],
    [{ ...STRING, pattern: 'a/b' }, "'b'", invalid('NoMatch', 'does not match «/a\\/b/»')],
    [{ ...STRING, maxLength: 2 }, "'😀😀😀'", invalid('TooManyChars', 'exceeds the 2-char limit')],
    [{ ...STRING, maxBytes: 3 }, "'😀'", invalid('TooManyBytes', 'exceeds the 3-byte limit')],
    [JSON_TYPE, "['\\ud800']", invalid('NotJSON', 'does not contain valid JSON')],
    [arrayOf(INT), '5', wrongType('array of number')],
    [arrayOf(mapOf(INT64)), '({})', wrongType('array of object with bigint values')],
    [objectOf(propertyOf('a', INT)), '[]', wrongType('object')],
    [mapOf(STRING), "'a'", wrongType('object with string values')],
  ])('%j %s', (type, expression, message) => {
    expect(result(type, expression)).toBe(message);
  });

  test.each(['{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '{a:1}', '', '1 2', '"\\ud800"'])(
    'preserved json that is %s is none',
    (text) => {
      const message = invalid('NotJSON', 'does not contain valid JSON');
      expect(result(JSON_TYPE, JSON.stringify(text), { preserveJSON: true })).toBe(message);
      expect(result(JSON_TYPE, '({})', { preserveJSON: true })).toBe(wrongType('string'));
    },
  );

  test('preserved json that is nested too deeply is none', () => {
    const message = invalid('NotJSON', 'does not contain valid JSON');
    const expression = "'['.repeat(1e6) + ']'.repeat(1e6)";
    expect(result(JSON_TYPE, expression, { preserveJSON: true })).toBe(message);
  });

  test('elements are counted and compared as they are', () => {
    const type: Type = { kind: 'array', elementType: INT, minElements: 1, maxElements: 3, uniqueElements: true };
    expect(result(type, '[1, 2, 3]')).toEqual([1, 2, 3]);
    expect(result(type, '[]')).toBe(invalid('TooFewElements', 'contains less than 1 elements'));
    expect(result(type, '[1, 2, 3, 4]')).toBe(invalid('TooManyElements', 'contains more than 3 elements'));
    expect(result(type, '[1, 2, 1]')).toBe(invalid('RepeatedElement', 'contains a duplicated value'));
  });
});

describe('messages say where', () => {
  const inner = objectOf(propertyOf('c', INT, {}), propertyOf('m', mapOf(arrayOf(INT))));
  const output = objectOf(propertyOf('a', objectOf(propertyOf('b', arrayOf(inner)))), propertyOf('x', STRING));
  const failure = (expression: string, changes: Partial<Trial> = {}): unknown =>
    runTrial({ output, source: `const transform = () => (${expression})`, ...changes })[0];

  test.each([
    ["{ a: { b: [{ c: 1 }, { c: 'x' }] } }", 'WrongType: property «a.b[1].c» has a value that is not of type «number»'],
    [
      '{ a: { b: [{ c: 1, m: { secret: [1, 1.5] } }] } }',
      'NotInteger: property «a.b[0].m[*][1]» has a value that is not an integer',
    ],
    ['{ a: { b: [null] } }', 'NotNullable: property «a.b[0]» cannot be «null», but it is set to «null»'],
    [
      '{ a: { b: [{ d: 1 }] } }',
      'UnknownProperty: property «a.b[0].d» is not part of output schema; rename or remove it in the transformation function',
    ],
    [
      '{ y: 1 }',
      'UnknownProperty: property «y» is not part of output schema; rename or remove it in the transformation function',
    ],
    [
      '{ x: "x", a: null, ["__proto__"]: 1 }',
      'UnknownProperty: property «__proto__» is not part of output schema; rename or remove it in the transformation function',
    ],
  ])('%s', (expression, message) => {
    expect(failure(expression)).toBe(`OutputValidation ${message}`);
  });

  test('a name that is very long is cut', () => {
    const message = String(failure(`{ ['y'.repeat(1e6)]: 1 }`));
    expect(message).toContain(`property «${'y'.repeat(60)}…» is not part`);
  });

  test.each([
    ["{ ['a secret']: 1 }", '[*]'],
    ["{ ['5']: 1 }", '[*]'],
    ["{ ['y'.repeat(60) + '-']: 1 }", '[*]'],
    ["{ ['\\ud800']: 1 }", '[*]'],
    ["{ [('x').repeat(59) + '\\u{1f600}']: 1 }", '[*]'],
    ["{ a: { b: [{ ['a@example.com']: 1 }] } }", 'a.b[0][*]'],
  ])('a name that can be no property is data and not shown: %s', (expression, path) => {
    const message = String(failure(expression));
    expect(message).toContain(`UnknownProperty: property «${path}» is not part of output schema`);
    expect(message.isWellFormed()).toBe(true);
  });

  test('properties of a partly selected object beyond the selected ones are unknown', () => {
    const changes = { outPaths: ['x'] };
    expect(failure("{ x: 'x', a: null }", changes)).toContain('UnknownProperty: property «a»');
    expect(failure('{ a: { b: null, z: 1 } }', { outPaths: ['a.b'] })).toContain('UnknownProperty: property «a.z»');
    expect(failure('{ a: 5 }', { outPaths: ['a.b'] })).toContain(
      'property «a» has a value that is not of type «object»',
    );
    expect(failure('{ a: { b: [{ c: 1 }] }, x: "t" }', { outPaths: ['x', 'a.b'] })).toEqual({
      'a.b': [{ c: 1 }],
      x: 't',
    });
    expect(failure('{ a: null }', { outPaths: ['a.b'] })).toEqual({ 'a.b': null });
  });
});

describe('null and absence by purpose', () => {
  const inner = objectOf(
    propertyOf('c', STRING, { createRequired: true }),
    propertyOf('u', STRING, { updateRequired: true }),
    propertyOf('j', JSON_TYPE, {}),
  );
  const output = objectOf(
    propertyOf('o', inner),
    propertyOf('s', STRING, { createRequired: true, updateRequired: true }),
  );
  const outcome = (expression: string, purpose: 'Import' | 'Create' | 'Update'): unknown =>
    runTrial({ output, purpose, source: `const transform = () => (${expression})` })[0];

  test('an import drops null and does without', () => {
    expect(outcome('{}', 'Import')).toEqual({ o: null, s: null });
    expect(outcome('{ o: { c: null, u: null, j: null }, s: null }', 'Import')).toEqual({ o: { j: 'null' }, s: null });
  });

  test.each([
    ['Create', '{}', 'Missing: property «s» is missing but it is required for creation'],
    ['Create', '{ s: undefined }', 'Missing: property «s» is missing but it is required for creation'],
    ['Update', '{ o: null }', 'Missing: property «s» is missing but it is required for update'],
    ['Create', '{ s: "s", o: {} }', 'Missing: property «o.c» is missing but it is required for creation'],
    ['Update', '{ s: "s", o: {} }', 'Missing: property «o.u» is missing but it is required for update'],
    ['Create', '{ s: null }', 'NotNullable: property «s» cannot be «null», but it is set to «null»'],
    [
      'Update',
      '{ s: "s", o: { u: "u", c: null } }',
      'NotNullable: property «o.c» cannot be «null», but it is set to «null»',
    ],
  ] as const)('%s %s', (purpose, expression, message) => {
    expect(outcome(expression, purpose)).toBe(`OutputValidation ${message}`);
  });

  test('what is not required may be absent, and JSON null is a value', () => {
    expect(outcome('{ s: "s" }', 'Create')).toEqual({ o: null, s: 's' });
    expect(outcome('{ s: "s", o: { c: "c", j: null } }', 'Create')).toEqual({ o: { c: 'c', j: 'null' }, s: 's' });
  });
});

describe('results and errors of a record', () => {
  test.each([
    ['undefined', 'NotAnObject: transformed value is undefined, not object'],
    ['null', 'NotAnObject: transformed value is null, not object'],
    ['[]', 'NotAnObject: transformed value is array, not object'],
    ['5n', 'NotAnObject: transformed value is bigint, not object'],
    ['() => 1', 'NotAnObject: transformed value is function, not object'],
    ['Promise.resolve({})', 'NotAnObject: transformed value is a promise; transform must not be async'],
    ['new Date(0)', 'NotAnObject: transformed value is string, not object'],
    [
      '(() => { const o = {}; o.x = o; return o })()',
      'CircularReference: transformed value contains a circular reference',
    ],
    ['missing()', 'FunctionThrew: JavaScript: ReferenceError: missing is not defined'],
    ['(() => { throw "text" })()', 'FunctionThrew: JavaScript: throw error of type string: "text"'],
    ['(() => { throw { a: 5n } })()', 'FunctionThrew: JavaScript: throw error of type object: {"a":"5"}'],
    ['(() => { throw undefined })()', 'FunctionThrew: JavaScript: throw error of type undefined: undefined'],
    ['({ get x() { throw new RangeError("get") } })', 'FunctionThrew: JavaScript: RangeError: get'],
    ['(() => { throw new Error("e".repeat(1000)) })()', `FunctionThrew: JavaScript: Error: ${'e'.repeat(281)}`],
  ])('%s', (expression, message) => {
    const rows = [['a'], ['b'], ['c']];
    const source = `const transform = (r) => r.x === 'b' ? ${expression} : r`;
    expect(runTrial({ source, rows })).toEqual([{ x: 'a' }, `Transformation ${message}`, { x: 'c' }]);
  });

  test('results that are not ordinary objects are what JSON makes of them', () => {
    const source = `class Box { constructor(x) { this.x = x } get y() { return 1 } }
      let n = 0; const makers = [(x) => new Box(x), (x) => Object.assign(Object.create(null), { x }), (x) => new Proxy({ x }, {}),
        (x) => ({ x, get y() { return undefined } }), (x) => ({ toJSON: () => ({ x }) }), (x) => Object.create({ x: 'inherited' })];
      const transform = (r) => makers[n++](r.x)`;
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => [text]);
    expect(runTrial({ source, rows })).toEqual([...'abcde'].map((x) => ({ x })).concat([{ x: null as never }]));
  });

  test('a record that fails half-way leaves nothing of itself', () => {
    const schema = objectOf(propertyOf('x', STRING), propertyOf('y', JSON_TYPE), propertyOf('z', STRING));
    const source = `let n = 0; const transform = (r) => n++ !== 1 ? { x: r.x, y: [r.x], z: null }
      : { x: null, y: { a: 1 }, get z() { throw new Error('z') } }`;
    expect(runTrial({ output: schema, source, rows: [['a'], ['b'], ['c']] })).toEqual([
      { x: 'a', y: '["a"]', z: null },
      'Transformation FunctionThrew: JavaScript: Error: z',
      { x: 'c', y: '["c"]', z: null },
    ]);
  });

  test('a text that the separator occurs in changes nothing for the other records', () => {
    const texts = ['a', '\u001f', 'b\u001fc\0d', '\ud83d\ude00', ''];
    expect(runTrial({ source: 'const transform = (r) => r', rows: texts.map((text) => [text]) })).toEqual(
      texts.map((x) => ({ x })),
    );
  });
});
