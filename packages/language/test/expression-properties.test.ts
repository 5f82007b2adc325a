import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkExpression,
  compileMapping,
  compileValidation,
  MappingError,
  type ObjectType,
  type Type,
  type Value,
  ValueFailure,
} from '../src/index.js';
import { canonicalValue, typeArbitrary } from './arbitraries.js';
import {
  arrayOf,
  boolean,
  decimal,
  inSchema,
  int8,
  int32,
  int64,
  json,
  mapOf,
  object,
  property,
  text,
} from './expression-support.js';

const OUT_TYPES: readonly Type[] = [
  text,
  boolean,
  int8,
  int32,
  int64,
  decimal,
  json,
  { kind: 'float', bitSize: 64, real: true },
  { kind: 'datetime' },
  { kind: 'date' },
  { kind: 'time' },
  { kind: 'year' },
  { kind: 'uuid' },
  { kind: 'ip' },
  { kind: 'string', values: ['', 'a'] },
  { kind: 'string', maxLength: 3 },
  arrayOf(text),
  arrayOf(json),
  { kind: 'array', elementType: int32, uniqueElements: true },
  mapOf(text),
  mapOf(json),
  object({ ...property('x', text), readOptional: true }, { ...property('y', int32), readOptional: true }),
];

const literal = fc.constantFrom(
  "'a'",
  "''",
  '" x "',
  "'12'",
  "'true'",
  '\'{"x":1}\'',
  '5',
  '-1',
  '0',
  '300',
  '1.5',
  '1e20',
  'true',
  'false',
  'null',
);
const path = fc.constantFrom(
  ...inSchema.properties.map(({ name }) => name),
  'o.x',
  'o.y',
  'm.a',
  "m['b']",
  'j.x',
  'j.x?',
  'j.x.y',
  'j["x"]?.y?',
  '.s',
);
const NAMES = [
  'and',
  'or',
  'not',
  'eq',
  'ne',
  'if',
  'coalesce',
  'array',
  'map',
  'json_parse',
  'len',
  'lower',
  'upper',
  'initcap',
  'trim',
  'ltrim',
  'rtrim',
  'substring',
];
const ARITIES: Readonly<Record<string, readonly number[]>> = {
  and: [2, 3],
  or: [2, 3],
  eq: [2],
  ne: [2],
  if: [2, 3],
  coalesce: [1, 2, 3],
  array: [0, 1, 3],
  map: [0, 2, 4],
  substring: [2, 3],
};

/** Expressions that the grammar allows, with the right number of arguments; their types need not be right. */
const { expression } = fc.letrec<{ expression: string; item: string; call: string }>((tie) => ({
  call: fc.constantFrom(...NAMES).chain((name) =>
    fc.constantFrom(...(ARITIES[name] ?? [1])).chain((count) =>
      fc.array(tie('expression'), { minLength: count, maxLength: count }).map((args) => {
        const written = name === 'map' ? args.map((arg, index) => (index % 2 === 0 ? `'k${index}'` : arg)) : args;
        return `${name}(${written.join(', ')})`;
      }),
    ),
  ),
  item: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, { arbitrary: path, weight: 3 }, literal, {
    arbitrary: tie('call'),
    weight: 4,
  }),
  expression: fc.oneof(
    { arbitrary: tie('item'), weight: 5 },
    { arbitrary: fc.array(tie('item'), { minLength: 2, maxLength: 3 }).map((items) => items.join(' ')), weight: 1 },
  ),
}));

const row: fc.Arbitrary<Value[]> = fc.tuple(
  ...inSchema.properties.map(({ type }) => fc.option(canonicalValue(type), { nil: null, freq: 4 })),
);

function compile(
  source: string,
  outType: Type,
  schema: ObjectType = inSchema,
): ReturnType<typeof compileMapping> | undefined {
  try {
    return compileMapping({ out: source }, schema, object(property('out', outType)));
  } catch (error) {
    if (error instanceof MappingError) return undefined;
    throw error;
  }
}

describe('whatever is written', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          's',
          'j',
          '.',
          '?',
          '[',
          ']',
          "'",
          '"',
          '\\',
          'u',
          '(',
          ')',
          ',',
          ' ',
          '\n',
          '1',
          '-',
          'e',
          'lower',
          'map',
          'null',
          '\0',
          '\ud800',
          '\u{1f600}',
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join('')),
  );

  test('is compiled or refused with a place within the text', () => {
    fc.assert(
      fc.property(fc.oneof(anything, expression), (source) => {
        compile(source, text);
        const { errors, type } = checkExpression(source, inSchema);
        expect(type === null).toBe(errors.length > 0);
        const lines = source.split('\n');
        for (const { offset, length, line, column, excerpt } of errors) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset + length).toBeLessThanOrEqual(source.length);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual(Array.from(lines[line - 1] ?? '').length + 1);
          expect(excerpt).toMatch(/^.*\n *\^+$/su);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('is compiled by every schema or refused', () => {
    const type = typeArbitrary;
    fc.assert(
      fc.property(expression, type, type, (source, inType, outType) => {
        compile(source, outType, object(property('s', inType), property('j', inType), property('o', inType)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what compiles', () => {
  test('never throws, and gives values that conform to their property', () => {
    let evaluated = 0;
    fc.assert(
      fc.property(
        expression,
        fc.constantFrom(...OUT_TYPES),
        fc.array(row, { minLength: 1, maxLength: 4 }),
        (source, outType, rows) => {
          const mapping = compile(source, outType);
          if (mapping === undefined) return;
          const validate = compileValidation(outType, true);
          for (const values of rows) {
            const out: Value[] = [];
            const failure = mapping.evaluate(values, out);
            evaluated++;
            if (failure === undefined) {
              expect(validate(out[0] ?? null)).not.toBeInstanceOf(ValueFailure);
              continue;
            }
            expect(['Transformation', 'OutputValidation']).toContain(failure.step);
            expect(failure.message).toMatch(/ while mapping to «out(\.\w+)*»$/);
          }
        },
      ),
      { numRuns: 6000 },
    );
    expect(evaluated).toBeGreaterThan(1000);
  });

  test('gives the same for a literal as for a property that holds it', () => {
    const literals: readonly [source: string, name: string, value: Value][] = [
      ["'a'", 's', 'a'],
      ["'12'", 's', '12'],
      ['5', 'i', 5],
      ['true', 'b', true],
      ['1.5', 'd', '1.5'],
    ];
    fc.assert(
      fc.property(
        expression,
        fc.constantFrom(...OUT_TYPES),
        row,
        fc.constantFrom(...literals),
        (source, outType, values, [literalText, name, value]) => {
          const position = inSchema.properties.findIndex((candidate) => candidate.name === name);
          const variable = new RegExp(`(?<![\\w.'"{\\[])${name}(?![\\w.(])`, 'g');
          fc.pre(variable.test(source));
          const withPath = compile(source, outType);
          const withLiteral = compile(source.replace(variable, literalText), outType);
          if (withPath === undefined || withLiteral === undefined) return;
          const [one, other]: [Value[], Value[]] = [[], []];
          const holding = values.with(position, value);
          const failure = withPath.evaluate(holding, one);
          const otherFailure = withLiteral.evaluate(holding, other);
          expect(otherFailure === undefined).toBe(failure === undefined);
          if (failure === undefined) expect(other).toEqual(one);
        },
      ),
      { numRuns: 3000, maxSkipsPerRun: 100 },
    );
  });
});
