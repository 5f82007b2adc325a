import { describe, expect, test } from 'vitest';
import {
  compileMapping,
  MappingError,
  type ObjectType,
  type Property,
  type Type,
  type Value,
  ValueFailure,
} from '../src/index.js';

const property = (name: string, type: Type): Property => ({ name, type, nullable: true, description: '' });
const object = (...properties: Property[]): ObjectType => ({ kind: 'object', properties });
const text: Type = { kind: 'string' };

const inSchema = object(
  property('name', text),
  property('age', { kind: 'int', bitSize: 32 }),
  property('active', { kind: 'boolean' }),
  property('seen', { kind: 'datetime' }),
  property(
    'address',
    object(property('city', text), property('geo', object(property('lat', { kind: 'float', bitSize: 64 })))),
  ),
  property('attributes', { kind: 'map', elementType: text }),
  property('contacts', { kind: 'map', elementType: object(property('email', text)) }),
  property('data', { kind: 'json' }),
  property('tags', { kind: 'array', elementType: text }),
  property('true', text),
  property('lower', text),
);

const POSITIONS = new Map(inSchema.properties.map(({ name }, position) => [name, position]));

const outSchema = object(
  property('text', text),
  property('short', { kind: 'string', maxLength: 5 }),
  property('choice', { kind: 'string', values: ['', 'a'] }),
  property('int', { kind: 'int', bitSize: 8 }),
  property('number', { kind: 'decimal', precision: 5, scale: 2 }),
  property('flag', { kind: 'boolean' }),
  property('day', { kind: 'date' }),
  property('json', { kind: 'json' }),
  property('list', { kind: 'array', elementType: text }),
  property('home', object(property('city', text), property('zip', text))),
  { name: 'required', type: { kind: 'int', bitSize: 8 }, readOptional: true, description: '' },
);

/** Evaluates one expression for the out property over a record of top-level in properties. */
function evaluate(expression: string, out: string, record: Record<string, Value> = {}): Value | ValueFailure {
  const mapping = compileMapping({ [out]: expression }, inSchema, outSchema);
  const row: Value[] = inSchema.properties.map(() => null);
  for (const [name, value] of Object.entries(record)) row[POSITIONS.get(name) ?? -1] = value;
  const values: Value[] = [];
  return mapping.evaluate(row, values) ?? values[0] ?? null;
}

function violations(mapping: Record<string, string>): readonly { path: string; message: string }[] {
  try {
    compileMapping(mapping, inSchema, outSchema);
  } catch (error) {
    if (error instanceof MappingError) return error.violations;
    throw error;
  }
  return [];
}

function violation(expression: string, out = 'text'): string | undefined {
  return violations({ [out]: expression })[0]?.message;
}

describe('a path', () => {
  test.each<[expression: string, out: string, record: Record<string, Value>, result: Value]>([
    ['name', 'text', { name: 'a' }, 'a'],
    [' \t\r\n.name ', 'text', { name: 'a' }, 'a'],
    ['.true', 'text', { true: 'x' }, 'x'],
    ['lower', 'text', { lower: 'x' }, 'x'],
    ['age', 'number', { age: 12 }, '12'],
    ['seen', 'day', { seen: '2024-02-29 10:00:00' }, '2024-02-29'],
    ['name', 'required', { name: '' }, null],
    ['address.city', 'text', { address: { city: 'Rome' } }, 'Rome'],
    ['address["city"]', 'text', { address: { city: 'Rome' } }, 'Rome'],
    ['address.geo.lat', 'number', { address: { geo: { lat: 1.25 } } }, '1.25'],
    ['address.geo.lat', 'number', { address: { geo: null, lat: 5 } }, null],
    ['address.geo.lat', 'number', { address: {} }, null],
    ['address.city', 'text', {}, null],
    ['attributes.color', 'text', { attributes: { color: 'red' } }, 'red'],
    ['attributes.1', 'text', { attributes: { 1: 'one' } }, 'one'],
    ["attributes[ 'a b' ]", 'text', { attributes: { 'a b': 'x' } }, 'x'],
    ['attributes.toString', 'text', { attributes: {} }, null],
    ['contacts["home"].email', 'text', { contacts: { home: { email: 'e' } } }, 'e'],
    ['data', 'json', { data: ' [1] ' }, ' [1] '],
    ['data.a.b', 'json', { data: '{"a": {"x":[{"b":0}], "b" : 9007199254740993 }}' }, '9007199254740993'],
    ['data.a', 'int', { data: '{"a":5}' }, 5],
    ['data["a\\"b"]', 'text', { data: '{"a\\"b":"\\u0041"}' }, 'A'],
    ['data.a', 'text', { data: '{"b":"a"}' }, null],
    ['data.a.b', 'text', { data: '{"a":{}}' }, null],
    ['data.a?.b', 'text', { data: '{"a":{"b":"x"}}' }, 'x'],
    ['data.a.b?', 'text', { data: '{"a":5}' }, null],
    ['data.a', 'json', { data: '{"a":null}' }, 'null'],
    ['data.a', 'text', { data: '{"a":null}' }, null],
    ['tags', 'list', { tags: ['a'] }, ['a'] as Value],
  ])('%s is written to %s', (expression, out, record, result) => {
    expect(evaluate(expression, out, record)).toEqual(result);
  });

  test.each([
    ['5', 'number'],
    ['[{"b":1}]', 'array'],
    ['"x"', 'string'],
    ['null', 'null'],
    ['true', 'true'],
  ])('through JSON fails at %s, which is no object', (json, kind) => {
    expect(evaluate('data.a.b', 'text', { data: `{"a": ${json}}` })).toEqual(
      new ValueFailure(
        'Transformation',
        'NotJSONObject',
        `invalid data.a.b: data.a is not JSON object, it is ${kind} while mapping to «text»`,
      ),
    );
  });

  test.each([
    ['x', 'property "x" does not exist'],
    ['address.x', 'invalid address.x: property "x" does not exist'],
    ['address["a b"]', 'invalid address["a b"]: property "a b" does not exist'],
    ['name.x', 'invalid name.x: name (type string) cannot have properties or keys'],
    ['tags.x', 'invalid tags.x: tags (type array(string)) cannot have properties or keys'],
    ['attributes.a.b', 'invalid attributes.a.b: attributes.a (type string) cannot have properties or keys'],
    ['name?', "invalid name: operator '?' can be used only with json"],
    ['address.city?', "invalid address.city: operator '?' can be used only with json"],
    ['attributes.x?', "invalid attributes.x: operator '?' can be used only with json"],
    ['active', undefined],
    ['tags', 'cannot convert expression (type array(string)) to string'],
  ])('%s is checked against the schema', (expression, message) => {
    expect(violation(expression)).toBe(message);
  });
});

describe('a constant', () => {
  test.each<[string, string, Value]>([
    ["'a'", 'text', 'a'],
    ['"a\'b"', 'text', "a'b"],
    ["'a\nb'", 'text', 'a\nb'],
    ["'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\u00e9\\U0001F600\\q'", 'text', '\x07\b\f\n\r\t\v\\\'"é\u{1f600}q'],
    ['5', 'int', 5],
    ['-5', 'int', -5],
    ['5.0', 'int', 5],
    ['1e2', 'int', 100],
    ['.5', 'number', '0.5'],
    ['5.', 'number', '5'],
    ['1.50', 'number', '1.5'],
    ['1.5', 'text', '1.5'],
    ['99999999999', 'text', '99999999999'],
    ['true', 'flag', true],
    ['true', 'text', 'true'],
    ['null', 'text', null],
    ['null', 'json', null],
    ["''", 'text', ''],
    ["''", 'choice', ''],
    ["'5'", 'int', 5],
    ['5', 'json', '5'],
    ["'2024-02-29'", 'day', '2024-02-29'],
    ['1 2', 'text', '12'],
    ['1 2', 'int', 12],
    ["' ' '  '", 'text', '   '],
    ["null 'a'", 'text', 'a'],
    ['true null 1.50', 'text', 'true1.5'],
    ["'a'true", 'text', 'atrue'],
  ])('%s is written to %s', (expression, out, result) => {
    expect(evaluate(expression, out)).toEqual(result);
  });

  test.each([
    ["'abcdef'", 'short', '"abcdef" exceeds the 5-char limit'],
    ["'b'", 'choice', '"b" is not one of the allowed values'],
    ["''", 'int', '"" is not convertible to the int(8) type'],
    ['300', 'int', 'number 300 is not a int(8) value'],
    ['1.5', 'int', 'number 1.5 is not a int(8) value'],
    ['5', 'flag', '5 is not convertible to the boolean type'],
    ['true', 'day', 'true is not convertible to the date type'],
    ['1e40', 'number', `number 1${'0'.repeat(40)} is not a decimal(76,37) value`],
    ['1.234', 'number', 'number 1.234 is not a decimal(5,2) value'],
  ])('%s is refused by %s before any record is read', (expression, out, message) => {
    expect(violation(expression, out)).toBe(message);
  });
});

describe('a concatenation', () => {
  test.each<[string, Record<string, Value>, Value]>([
    ["name ' ' address.city", { name: 'a', address: { city: 'b' } }, 'a b'],
    ["'x'name'y'", { name: '' }, 'xy'],
    ["'x' name", {}, 'x'],
    ['name name', {}, ''],
    ["active '/' age '/' seen", { active: true, age: 5, seen: '2024-02-29 10:00:00' }, 'true/5/2024-02-29T10:00:00Z'],
    ["data.a ':' data.b", { data: '{"a":"x","b":null}' }, 'x:null'],
    ["data.a '!'", { data: '{"a":1.50}' }, '1.50!'],
  ])('%s', (expression, record, result) => {
    expect(evaluate(expression, 'text', record)).toBe(result);
  });

  test('is converted to its property as a text is', () => {
    expect(evaluate('age age', 'int', { age: 1 })).toBe(11);
    expect(evaluate('name name', 'int')).toBeNull();
    expect(evaluate("name '!'", 'short', { name: 'abcde' })).toMatchObject({
      step: 'OutputValidation',
      message: "«name '!'» exceeds the 5-char limit while mapping to «short»",
    });
  });

  test('fails for JSON that has no text', () => {
    expect(evaluate("'x' data.a", 'text', { data: '{"a":[1]}' })).toMatchObject({
      step: 'Transformation',
      message: '«data.a» (a JSON array) cannot be converted to a string value while mapping to «text»',
    });
  });

  test('refuses parts that never have a text, and targets that text cannot become', () => {
    expect(violation("tags 'a'")).toBe('cannot convert tags (type array(string)) to string');
    expect(violation("name 'a'", 'list')).toBe('cannot convert expression (type string) to array(string)');
  });
});

describe('the syntax', () => {
  test.each([
    ['', 'expression is empty'],
    [' \n', 'expression is empty'],
    ['@', "unexpected character '@'"],
    ['name + age', "unexpected character '+'"],
    ['(name)', "unexpected character '('"],
    ['name,age', "unexpected character ','"],
    ['name)', "unexpected character ')'"],
    ['name \u{1f600}', "unexpected character '\u{1f600}'"],
    ['.name(', "unexpected character '('"],
    ['name.x(', "unexpected character '('"],
    ["'abc", 'string is not terminated'],
    ["'abc\\", 'string is not terminated'],
    ["'\\u12", 'string is not terminated'],
    ["'\\u12x4'", "hexadecimal escape has an invalid character 'x'"],
    ["'\\ud800'", 'U+D800 is not valid Unicode code point'],
    ["'\\U00110000'", 'U+110000 is not valid Unicode code point'],
    ["'\\u0000'", 'character 0x00 is not allowed in strings'],
    ["'\0'", 'character 0x00 is not allowed in strings'],
    ['1.2.3', 'number syntax is not valid'],
    ['01', 'number syntax is not valid'],
    ['1e', 'number syntax is not valid'],
    ['first-name', "unexpected character '-': names cannot contain it; did you mean '_'?"],
    ['-', 'number syntax is not valid'],
    ['.', 'unexpected period'],
    ['..a', 'unexpected period'],
    ['a..b', 'unexpected period in path'],
    ['a.', 'path is not terminated'],
    ['a[', 'path is not terminated'],
    ["a['b'", 'path is not terminated'],
    ['a[b]', 'map key is not a string'],
    ["a['b' c]", "unexpected character 'c'"],
    ['foo(name)', 'function "foo" does not exist'],
    ['true(name)', "unexpected character '('"],
    ['lower(', 'arguments are not terminated'],
    ['lower(name', 'arguments are not terminated'],
    ['lower(name,', 'arguments are not terminated'],
    ['lower(,name)', "expected argument, got ','"],
    ['lower(name,)', "expected argument, got ')'"],
    ['lower(@)', "expected argument, got '@'"],
    ['lower(name @)', "unexpected character '@'"],
    ['lower(name))', "unexpected character ')'"],
    [`${'not('.repeat(101)}`, 'functions are nested more than 100 levels deep'],
    ["'a'".repeat(3334), 'expression is longer than 10000 characters'],
  ])('refuses %j', (expression, message) => {
    expect(violation(expression)).toBe(message);
  });

  test('takes an expression of the greatest length and depth', () => {
    expect(violation(`'${'x'.repeat(9998)}'`)).toBeUndefined();
    expect(violation(`'${'\u{1f600}'.repeat(9998)}'`)).toBeUndefined();
    expect(violation(`${'trim('.repeat(100)}name${')'.repeat(100)}`)).toBeUndefined();
  });
});

describe('compileMapping', () => {
  test('lists what it reads, without keys, and what it writes, each sorted and once', () => {
    const mapping = compileMapping(
      { text: "name contacts.x.email data.a['b']", 'home.zip': 'name', 'home.city': 'address.city', flag: 'true' },
      inSchema,
      outSchema,
    );
    expect(mapping.inPaths).toEqual(['address.city', 'contacts.email', 'data', 'name']);
    expect(mapping.outPaths).toEqual(['flag', 'home.city', 'home.zip', 'text']);
    expect(mapping.outProperties.map(({ name }) => name)).toEqual(['flag', 'city', 'zip', 'text']);
  });

  test('writes by position of the out paths and stops at the first that fails', () => {
    const mapping = compileMapping({ text: 'name', int: 'age', flag: 'active' }, inSchema, outSchema);
    const out: Value[] = [];
    expect(mapping.evaluate(['a', 5, true], out)).toBeUndefined();
    expect(out).toEqual([true, 5, 'a']);
    const failure = mapping.evaluate(['b', 1000, false], out);
    expect(failure).toMatchObject({
      code: 'NumberOutOfRange',
      message: 'number «age» is not a «int(8)» value while mapping to «int»',
    });
    expect(out).toEqual([false, 5, 'a']);
  });

  test('reports all violations at once, by out path', () => {
    const found = violations({
      text: 'x',
      nope: 'name',
      'home.city': 'name',
      home: "'a'",
      'home.city.x': 'name',
      int: '300',
      flag: 'active',
    });
    expect(found.map(({ path, message }) => ({ path, message }))).toEqual([
      { path: 'transformation.mapping["home"]', message: '"a" is not convertible to the object type' },
      { path: 'transformation.mapping["home.city"]', message: 'paths "home" and "home.city" have the same prefix' },
      { path: 'transformation.mapping["home.city.x"]', message: 'paths "home" and "home.city.x" have the same prefix' },
      { path: 'transformation.mapping["int"]', message: 'number 300 is not a int(8) value' },
      { path: 'transformation.mapping["nope"]', message: 'property path "nope" does not exist' },
      { path: 'transformation.mapping["text"]', message: 'property "x" does not exist' },
    ]);
  });

  test('refuses a mapping without entries', () => {
    expect(violations({})).toEqual([{ path: 'transformation.mapping', message: 'mapping is empty' }]);
  });

  test('takes property names that objects of JavaScript inherit', () => {
    const schema = object(property('__proto__', text), property('constructor', text));
    const mapping = compileMapping(JSON.parse('{"__proto__":"constructor","constructor":"__proto__"}'), schema, schema);
    const out: Value[] = [];
    mapping.evaluate(['a', 'b'], out);
    expect(out).toEqual(['b', 'a']);
  });
});
