import { describe, expect, test } from 'vitest';
import { compileMapping, MAX_MAPPING_LENGTH, MappingError, type Type, type Value } from '../src/index.js';
import { evaluate, inSchema, object, property, text } from './expression-support.js';

const NAMES = Array.from({ length: 200 }, (_, index) => `p${index}`);
const outSchema = object(...NAMES.map((name) => property(name, text)));

function violations(mapping: Record<string, string>): MappingError['violations'] {
  try {
    compileMapping(mapping, inSchema, outSchema);
  } catch (error) {
    if (error instanceof MappingError) return error.violations;
    throw error;
  }
  return [];
}

function mappingOf(count: number, expression: string): Record<string, string> {
  return Object.fromEntries(NAMES.slice(0, count).map((name) => [name, expression]));
}

describe('the expressions of a mapping', () => {
  test('have 50,000 characters together at most', () => {
    const full = mappingOf(5, `'${'😀'.repeat(9_998)}'`);
    expect(violations(full)).toEqual([]);
    const message = `expressions are longer than ${MAX_MAPPING_LENGTH} characters together`;
    expect(violations({ ...full, p5: 's' })).toEqual([{ path: 'transformation.mapping', message }]);
  });

  test('are not looked at when they are too long together', () => {
    expect(violations(mappingOf(6, `${'('.repeat(10_000)}`)).map(({ path }) => path)).toEqual([
      'transformation.mapping',
    ]);
  });

  test('are reported with 100 violations at most', () => {
    expect(violations(mappingOf(200, ''))).toHaveLength(100);
  });
});

describe('a choice between very many values', () => {
  const nested = (depth: number, args: string): string => 'coalesce('.repeat(depth) + args + ')'.repeat(depth);

  test('gives the first that is there', () => {
    const args = `${'s2,'.repeat(3_000)}s`;
    expect(evaluate(nested(90, args), { s: 'found' })).toBe('found');
    expect(evaluate(nested(90, args), { s: 'a', s2: 'found' })).toBe('found');
  });

  test.each<[string, Type, Record<string, Value>, unknown]>([
    ['i, s', text, { i: 5 }, '5'],
    ['i, s', text, { s: 'x' }, 'x'],
    ["null, 's'", text, {}, 's'],
    ['s, s2', { kind: 'int', bitSize: 32 }, { s: '', s2: '5' }, null],
    ['s, s2', { kind: 'int', bitSize: 32 }, { s2: '5' }, 5],
  ])('converts %s by the type of each', (args, type, values, expected) => {
    expect(evaluate(nested(3, args), values, type)).toBe(expected);
  });

  test('is refused for a value of any of the types, or a constant, that does not fit', () => {
    const mapping = (args: string) =>
      compileMapping({ out: nested(5, args) }, inSchema, object(property('out', { kind: 'uuid' })));
    expect(() => mapping('u, s, u, i')).toThrow('cannot convert i (type int(32)) to uuid');
    expect(() => mapping("u, u, u, 'no uuid'")).toThrow('"no uuid" is not parsable as a UUID');
  });

  test('is compared by the value that is there, whatever its type', () => {
    const same = evaluate("eq(coalesce(s, s), 'x')", { s: 'x' }, { kind: 'boolean' });
    expect([same, evaluate('eq(coalesce(u, u), i)', { u: 'x', i: 1 }, { kind: 'boolean' })]).toEqual([true, false]);
  });
});
