import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileNormalisation, isValidJson, MAX_JSON_DEPTH, ValueFailure } from '../src/index.js';

const normalise = compileNormalisation({ kind: 'json' }, { nullable: false, path: 'p' });

function normalised(raw: unknown): unknown {
  const value = normalise(raw);
  return value instanceof ValueFailure ? value.code : value;
}

const VALID = [
  'null',
  ' true\t',
  '\r\nfalse',
  '0',
  '-0',
  '-0.10e-5',
  '1E+2',
  '12345678901234567890123456789',
  '""',
  '"a\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uABcd"',
  '"\\ud83d\\ude00 😀"',
  '[]',
  '[ ]',
  '{ }',
  '[1 , [ ] , {"a" : { } } ]',
  '{"a":1,"b":{"a":1},"A":2}',
  '{"":1," ":2}',
];

const NOT_VALID = [
  '',
  ' ',
  'nul',
  'nulll',
  'True',
  'NaN',
  'undefined',
  '01',
  '-',
  '+1',
  '.5',
  '1.',
  '1e',
  '1e+',
  '0x1',
  '1 2',
  '"',
  '"a',
  '"\\"',
  '"\\x"',
  '"\\u12"',
  '"\\u12g4"',
  '"\n"',
  '"\u001f"',
  "'a'",
  '"\\ud800"',
  '"\\udc00"',
  '"\\udfff"',
  '"\\ud800x"',
  '"\\ud800\\n"',
  '"\\ud800\\ud800"',
  '"\\ud800\\ue000"',
  '"\\udc00\\ud800"',
  '"\ud800"',
  '"\ud800\\udc00"',
  '[',
  ']',
  '[}',
  '{]',
  '[1,]',
  '[,1]',
  '[1 2]',
  '[[]',
  '[]]',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,"a":1}',
  '{a:1}',
  '{1:1}',
  '{"a":1 "b":2}',
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '[{"x":{"":1,"":2}}]',
  '\ufeff1',
  '\u00a01',
  '1\u2028',
  '/**/1',
];

describe('strict JSON', () => {
  test.each(VALID)('%j is valid', (text) => expect(isValidJson(text)).toBe(true));
  test.each(NOT_VALID)('%j is not valid', (text) => expect(isValidJson(text)).toBe(false));

  test('agrees with JSON.parse, except for what it is stricter about', () => {
    const piece = fc.constantFrom(...'{}[],:"\\ tfn01-.eE', 'true', 'null', '"a"', '"b":', '\\u0061', '\n');
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        // Well-formed texts without \ud or \D cannot contain halves of pairs, and a round trip shows repeated keys.
        if (isValidJson(candidate)) JSON.parse(candidate);
        else expect(isAccepted(candidate) && !hasRepeatedKey(candidate)).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  test('may be nested up to a depth, and any deeper text is refused without harm', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(isValidJson(nested(MAX_JSON_DEPTH))).toBe(true);
    expect(isValidJson(nested(MAX_JSON_DEPTH + 1))).toBe(false);
    expect(isValidJson('{"a":'.repeat(1_000_000))).toBe(false);
    expect(isValidJson('['.repeat(1_000_000))).toBe(false);
  });

  test('takes linear time for many keys, long strings and long numbers', () => {
    const keys = Array.from({ length: 200_000 }, (_, index) => `"${index}":1`);
    expect(isValidJson(`{${keys.join(',')}}`)).toBe(true);
    expect(isValidJson(`"${'\\\\'.repeat(1_000_000)}"`)).toBe(true);
    expect(isValidJson('9'.repeat(1_000_000))).toBe(true);
  });
});

function isAccepted(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Counts the colons outside strings against the members that were parsed. */
function hasRepeatedKey(text: string): boolean {
  let members = 0;
  JSON.parse(text, function count(this: unknown, _key, value: unknown) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) members += Object.keys(value).length;
    return value;
  });
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1 > members;
}

describe('raw values of kind json', () => {
  test.each([
    [' {"a": 1.0} ', ' {"a": 1.0} '],
    ['null', 'null'],
    ['a', 'NotJSON'],
    ['', 'NotJSON'],
    [new TextEncoder().encode('[1, 2]'), '[1, 2]'],
    [new Uint8Array([34, 255, 34]), 'InvalidText'],
    [true, 'true'],
    [1.5, '1.5'],
    [-0, '0'],
    [Number.NaN, 'NotJSON'],
    [12345678901234567890n, '12345678901234567890'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Date(Number.NaN), 'NotJSON'],
    [[1, undefined, 'a', [null]], '[1,null,"a",[null]]'],
    [{ a: undefined, b: 1n, c: { d: '"' } }, '{"b":1,"c":{"d":"\\""}}'],
    [{}, '{}'],
    [new Map([['a', [new Map()]]]), '{"a":[{}]}'],
    [{ toJSON: () => ({ a: 1 }) }, '{"a":1}'],
    [{ a: Number.NaN }, 'NotJSON'],
    [{ a: () => 1 }, 'NotJSON'],
    [{ a: new Set() }, 'NotJSON'],
    [{ a: new Uint8Array(1) }, 'NotJSON'],
    [{ a: '\ud800' }, 'NotJSON'],
    [new Map([[1, 1]]), 'NotJSON'],
    [new Set(), 'WrongType'],
    [Symbol.iterator, 'WrongType'],
  ])('%s becomes %j', (raw, expected) => {
    expect(normalised(raw)).toBe(expected);
  });

  test('that contain themselves are refused in time', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(normalised(circular)).toBe('NotJSON');
    let doubling: unknown = [];
    for (let level = 0; level < 500; level++) doubling = [doubling, doubling];
    expect(normalised(doubling)).toBe('NotJSON');
    const sparse: unknown[] = [];
    sparse.length = 2 ** 32 - 1;
    expect(normalised(sparse)).toBe('NotJSON');
  });

  test('are encoded up to a million values', () => {
    expect(normalised(new Array(999_999).fill(0))).toHaveLength(2 * 999_999 + 1);
    expect(normalised(new Array(1_000_000).fill(0))).toBe('NotJSON');
  });

  test('are encoded as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(typeof value !== 'string' && value !== null && JSON.stringify(value).isWellFormed());
        const text = normalise(value);
        if (text instanceof ValueFailure) expect(isValidJson(JSON.stringify(value))).toBe(false);
        else expect(text).toBe(JSON.stringify(value));
      }),
    );
  });
});
