import { expect, test } from 'vitest';
import { compileFunction, type FunctionDefinition, FunctionError } from '../src/index.js';
import { objectOf, propertyOf } from './function-support.js';

const SCHEMA = objectOf(
  propertyOf('a', objectOf(propertyOf('b', { kind: 'string' }), propertyOf('c', { kind: 'json' }))),
  propertyOf('m', { kind: 'map', elementType: { kind: 'string' } }),
  propertyOf('x', { kind: 'string' }),
);

const VALID: FunctionDefinition = {
  language: 'JavaScript',
  source: 'const transform = (r) => r',
  preserveJSON: false,
  inPaths: ['x', 'a.b'],
  outPaths: ['x'],
};

function violationsOf(changes: Partial<FunctionDefinition>): readonly (readonly [string, string])[] {
  try {
    compileFunction({ ...VALID, ...changes }, SCHEMA, SCHEMA);
    return [];
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    return error.violations.map(({ path, message }) => [path, message]);
  }
}

test('paths are sorted and the out properties stand by their positions', () => {
  const compiled = compileFunction({ ...VALID, outPaths: ['x', 'a.c'] }, SCHEMA, SCHEMA);
  expect(compiled.inPaths).toEqual(['a.b', 'x']);
  expect(compiled.outPaths).toEqual(['a.c', 'x']);
  expect(compiled.outProperties.map((property) => property.name)).toEqual(['c', 'x']);
  expect(compiled.program).toMatchObject({ language: 'JavaScript', source: VALID.source });
});

const SOURCE = 'transformation.function.source';

test.each([
  ['', 'transformation function source is empty'],
  ['x'.repeat(50_001), 'transformation function source is longer than 50,000 runes'],
  ['a\0b', 'transformation function source contains the NUL byte'],
  ['a\ud800b', 'transformation function source contains invalid UTF-8 encoded characters'],
])('a source that is no text of 1 to 50,000 characters is refused', (source, message) => {
  expect(violationsOf({ source })).toEqual([[SOURCE, message]]);
});

test('a source of 50,000 characters beyond the basic plane is taken', () => {
  expect(violationsOf({ source: '😀'.repeat(50_000) })).toEqual([]);
});

test.each([
  ['inPaths', 'input'],
  ['outPaths', 'output'],
] as const)('%s that are not valid are refused, all at once and in their order', (field, role) => {
  const at = (index: number): string => `transformation.function.${field}[${index}]`;
  const subject = `transformation function ${role}`;
  expect(violationsOf({ [field]: [] })).toEqual([
    [`transformation.function.${field}`, `there are no ${role} properties in transformation function`],
  ]);
  expect(violationsOf({ [field]: ['x', 'a.', 'x', 'a.b', 'y', 'a', 'm.k', 'a.c.k', ''] })).toEqual([
    [at(1), `${subject} property path "a." is not valid`],
    [at(2), `${subject} property path "x" is repeated`],
    [at(3), `${subject} paths cannot contain both "a" and its sub-property path "a.b"`],
    [at(4), `${role} property "y" of transformation function does not exist in schema`],
    [at(6), `${role} property "m.k" of transformation function does not exist in schema`],
    [at(7), `${subject} paths cannot contain both "a" and its sub-property path "a.c.k"`],
    [at(8), `${subject} property path "" is not valid`],
  ]);
  expect(violationsOf({ [field]: ['a.c.k'] })).toEqual([
    [at(0), `${role} property "a.c.k" of transformation function does not exist in schema`],
  ]);
});

test('of the paths that a path lies within the first of the list is named, wherever it stands', () => {
  const paths = ['a.c.k.z', 'a.c', 'a', 'a.c.k'];
  const subject = 'transformation function input paths cannot contain both';
  expect(violationsOf({ inPaths: paths }).map(([, message]) => message)).toEqual([
    `${subject} "a.c" and its sub-property path "a.c.k.z"`,
    `${subject} "a" and its sub-property path "a.c"`,
    `${subject} "a.c" and its sub-property path "a.c.k"`,
  ]);
});

test.each([
  ['inPaths', 'input'],
  ['outPaths', 'output'],
] as const)('%s are 1,000 at most', (field, role) => {
  const names = Array.from({ length: 1_001 }, (_, index) => `p${index}`);
  const schema = objectOf(...names.map((name) => propertyOf(name, { kind: 'string' })));
  const definition = { ...VALID, inPaths: ['p0'], outPaths: ['p0'] };
  const compile = (paths: readonly string[]) => compileFunction({ ...definition, [field]: paths }, schema, schema);
  expect(compile(names.slice(1))[field]).toEqual(names.slice(1).toSorted());
  const message = `there are more than 1000 ${role} properties in transformation function`;
  expect(violationsOf({ [field]: names })).toEqual([[`transformation.function.${field}`, message]]);
});

test('100 violations are told at most, in messages that are short', () => {
  const missing = Array.from({ length: 1_000 }, (_, index) => `p${index}${'n'.repeat(300)}`);
  const violations = violationsOf({ inPaths: missing, outPaths: missing });
  expect(violations).toHaveLength(100);
  for (const [, message] of violations) expect(message.length).toBeLessThan(200);
});

test('a path of more names than types can be nested does not exist', () => {
  const path = Array.from({ length: 200_000 }, () => 'a').join('.');
  expect(violationsOf({ inPaths: ['x', path] }).map(([where]) => where)).toEqual([
    'transformation.function.inPaths[1]',
  ]);
});

test('violations of all parts are told together', () => {
  expect(violationsOf({ source: '', inPaths: ['y'], outPaths: [] }).map(([path]) => path)).toEqual([
    SOURCE,
    'transformation.function.inPaths[0]',
    'transformation.function.outPaths',
  ]);
});
