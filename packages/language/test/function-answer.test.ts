import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FunctionAnswerError, ValueFailure } from '../src/index.js';
import { answerHere, compileTrial, objectOf, propertyOf } from './function-support.js';

const SCHEMA = objectOf(
  propertyOf('a', { kind: 'string' }),
  propertyOf('b', { kind: 'int', bitSize: 32 }),
  propertyOf('c', objectOf(propertyOf('d', { kind: 'json' }), propertyOf('e', { kind: 'float', bitSize: 64 }))),
);
const COMPILED = compileTrial({ input: SCHEMA, output: SCHEMA, source: 'const transform = (r) => r' });
const ROWS = [
  ['x', 1, { d: '[1]', e: 1.5 }],
  [null, null, null],
  ['\u001f', 3, { d: 'null', e: Number.NaN }],
];

/** What an answer is read as, or the error; everything else fails the test. */
function decode(answer: string, count: number): unknown {
  try {
    return COMPILED.decodeBatch(answer, count);
  } catch (error) {
    if (error instanceof FunctionAnswerError) return error;
    throw error;
  }
}

const header = (changes: object): string =>
  JSON.stringify({ nulls: [], absent: [], json: [], failed: [], whole: [], values: null, ...changes });

test.each([
  ['nothing', ''],
  ['no header', 'a\u001f1\u001f'],
  ['a header that is no JSON', 'x\na\u001f1\u001f'],
  ['a header that is another JSON', '[]\n'],
  ['a header that is null', 'null\n'],
  ['too few values', `${header({})}\na\u001f1`],
  ['too many values', `${header({})}\na\u001f1\u001fx\u001fy`],
  ['a position beyond the values', `${header({ nulls: [3] })}\na\u001f1\u001f`],
  ['positions in disorder', `${header({ nulls: [1, 0] })}\na\u001f1\u001f`],
  ['a position that is no integer', `${header({ json: [0.5] })}\na\u001f1\u001f`],
  ['a record that is not in the batch', `${header({ failed: [[1, 'FunctionThrew', 'x']] })}\n`],
  ['two outcomes of a record', `${header({ failed: [[0, 'FunctionThrew', 'x']], whole: [[0, '{}']] })}\n`],
  ['a code that does not exist', `${header({ failed: [[0, 'Other', 'x']] })}\n`],
  ['an outcome that is no list', `${header({ whole: [{}] })}\n`],
  ['values that are no text', `${header({ values: [1, 2, 3] })}\n`],
])('%s is no answer to a batch of one record', (_, answer) => {
  expect(decode(answer, 1)).toBeInstanceOf(FunctionAnswerError);
});

test('an answer to another number of records is none', () => {
  const answer = answerHere(COMPILED, COMPILED.encodeBatch(ROWS));
  expect(decode(answer, 3)).toHaveLength(3);
  for (const count of [0, 1, 2, 4, 1000]) expect(decode(answer, count)).toBeInstanceOf(FunctionAnswerError);
});

test('what an answer says wrongly of a value is a failure of that record', () => {
  const values = ['a', 'x', '{"d":1', 'b', '2', '{"__proto__":1}', '\ud800', '3', '', 'c', '4', ''];
  const answer = `${header({ values, json: [2, 5], nulls: [8], absent: [11] })}\n`;
  expect(decode(answer, 4)).toEqual([
    expect.any(ValueFailure),
    expect.any(ValueFailure),
    expect.any(ValueFailure),
    ['c', 4, null],
  ]);
});

test('a record with two outcomes does not hide that another has none', () => {
  const answer = `${header({ failed: [[0, 'FunctionThrew', 'x']], whole: [[0, '{}']] })}\n`;
  expect(decode(answer, 2)).toBeInstanceOf(FunctionAnswerError);
});

test('the text of a failure is cut and is Unicode', () => {
  const answer = `${header({ failed: [[0, 'FunctionThrew', `${'x'.repeat(299)}\u{1f600}y`]] })}\n`;
  expect(decode(answer, 1)).toEqual([new ValueFailure('Transformation', 'FunctionThrew', `${'x'.repeat(299)}\ufffd`)]);
});

const jsonish = fc.oneof(fc.jsonValue(), fc.constant(0), fc.constant(1), fc.constant('x'));
const positions = fc.array(fc.integer({ min: -1, max: 12 }), { maxLength: 4 });
const headerArbitrary = fc.record({
  nulls: fc.oneof(positions, jsonish),
  absent: fc.oneof(positions, fc.constant([])),
  json: fc.oneof(positions, fc.constant([])),
  failed: fc.oneof(
    fc.constant([]),
    fc.array(fc.tuple(fc.nat(4), fc.constantFrom('FunctionThrew', 'x'), fc.string()), { maxLength: 2 }),
    jsonish,
  ),
  whole: fc.oneof(fc.constant([]), fc.array(fc.tuple(fc.nat(4), fc.oneof(fc.json(), fc.string())), { maxLength: 2 })),
  values: fc.oneof(
    fc.constant(null),
    fc.array(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), { maxLength: 9 }),
    jsonish,
  ),
});

test('no answer can do more than be refused', () => {
  const body = fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 9 }).map((values) => values.join('\u001f'));
  const answer = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.tuple(headerArbitrary, body).map(([head, text]) => `${JSON.stringify(head)}\n${text}`),
  );
  fc.assert(
    fc.property(answer, fc.nat(4), (text, count) => {
      const outcome = decode(text, count);
      if (!(outcome instanceof FunctionAnswerError)) expect(outcome).toHaveLength(count);
    }),
    { numRuns: 2000 },
  );
});

test('a piece of a right answer that is changed can do no more either', () => {
  const right = answerHere(COMPILED, COMPILED.encodeBatch(ROWS));
  const change = fc.tuple(fc.nat(right.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }));
  fc.assert(
    fc.property(change, ([at, cut, text]) => {
      const outcome = decode(right.slice(0, at) + text + right.slice(at + cut), 3);
      if (!(outcome instanceof FunctionAnswerError)) expect(outcome).toHaveLength(3);
    }),
    { numRuns: 2000 },
  );
});
