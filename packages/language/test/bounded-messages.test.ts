import { describe, expect, test } from 'vitest';
import {
  compileConversion,
  compileNormalisation,
  compileValidation,
  fromDataJson,
  parseType,
  SchemaError,
  type Type,
  type Value,
  ValueFailure,
} from '../src/index.js';
import { arrayOf, evaluate, json, mapOf, object, property, text } from './expression-support.js';

const LONG = 'n'.repeat(255);
const MAX = 500;

function messageOf(result: unknown): string {
  if (result instanceof ValueFailure) return result.message;
  throw new TypeError('there is no failure');
}

function refusal(definition: unknown): SchemaError {
  try {
    parseType(definition);
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new TypeError('the type was not refused');
}

/** A type within objects whose names are as long as they can be, and a value of it. */
function nested(inner: Type, value: Value, depth: number): { type: Type; value: Value } {
  let result = { type: inner, value };
  for (let level = 0; level < depth; level++) {
    result = { type: object(property(LONG, result.type)), value: { [LONG]: result.value } };
  }
  return result;
}

describe('a property name', () => {
  const named = (name: string) => ({ kind: 'object', properties: [{ name, type: { kind: 'string' } }] });

  test('has 255 characters at most', () => {
    expect(parseType(named(LONG))).toMatchObject({ properties: [{ name: LONG }] });
    expect(refusal(named(`${LONG}n`))).toMatchObject({
      ...{ path: 'properties[0].name', message: 'property name is longer than 255 characters' },
    });
  });
});

describe('messages', () => {
  test('show 60 characters of an expression', () => {
    const expression = `s${' '.repeat(100)}s2`;
    const message = `«s${' '.repeat(59)}…» is not parsable as a UUID while mapping to «out»`;
    expect(messageOf(evaluate(expression, { s: 'x' }, { kind: 'uuid' }))).toBe(message);
    expect(messageOf(evaluate(`s '${'😀'.repeat(40)}'`, {}, { kind: 'uuid' }))).toContain('…»');
    expect(messageOf(evaluate(`s '${'😀'.repeat(40)}'`, {}, { kind: 'uuid' })).isWellFormed()).toBe(true);
  });

  test('show 100 characters of a pattern', () => {
    const pattern = `a{3}${'b?'.repeat(200)}`;
    const shown = `/${pattern.slice(0, 100)}…/`;
    const type: Type = { kind: 'string', pattern };
    expect(messageOf(evaluate('s', { s: 'x' }, type))).toBe(`«s» does not match «${shown}» while mapping to «out»`);
    expect(messageOf(fromDataJson(type, 'x'))).toBe(`value does not match ${shown}`);
    expect(messageOf(compileValidation(type, true)('x'))).toBe(`value does not match ${shown}`);
  });

  test('list ten allowed values', () => {
    const values = Array.from({ length: 12 }, (_, index) => `v${index}`);
    const list = values.slice(0, 10).map((value) => `"${value}"`);
    const listed = (count: number) => messageOf(fromDataJson({ kind: 'string', values: values.slice(0, count) }, 'x'));
    expect(listed(12)).toBe(`value has an invalid value; valid values are ${list.join(', ')}, and 2 more`);
    expect(listed(10)).toBe(
      `value has an invalid value; valid values are ${list.slice(0, 9).join(', ')}, and ${list[9]}`,
    );
    const long = values.map((value) => value.padEnd(1000, 'x'));
    expect(messageOf(fromDataJson({ kind: 'string', values: long }, 'x')).length).toBeLessThan(MAX);
  });

  test('are short whatever the names, types and keys are', () => {
    const deep = nested({ kind: 'string', pattern: `a{3}${'b?'.repeat(400)}` }, 'x', 90);
    const context = { expression: 'e'.repeat(10_000), outPath: `${LONG}.`.repeat(90), nullable: true };
    const deepArray = Array.from({ length: 90 }).reduce<Type>((type) => arrayOf(type), text);
    const key = 'k'.repeat(10_000);
    const keyed = object(property('m', mapOf({ kind: 'uuid' })));
    const failures = [
      compileValidation(deep.type, true, LONG)(deep.value),
      compileNormalisation(deep.type, { nullable: true })(deep.value),
      fromDataJson(deep.type, deep.value),
      fromDataJson(deep.type, { [key]: 1 }),
      fromDataJson(keyed, { m: { [key]: 'x' } }),
      compileConversion(json, deepArray, context)('{}'),
      compileConversion(text, { kind: 'string', pattern: `a{3}${'b?'.repeat(400)}` }, context)('x'),
      compileNormalisation(deepArray, { nullable: true })(5),
      evaluate(`lower(j["${key.slice(0, 2000)}"]["${key.slice(0, 2000)}"])`, { j: `{"${key.slice(0, 2000)}":5}` }),
      evaluate(`lower(j["${key.slice(0, 100)}"])`, { j: `{"${key.slice(0, 100)}":[]}` }),
    ];
    for (const failure of failures) expect(messageOf(failure).length, messageOf(failure)).toBeLessThan(MAX);
  });

  test('about schemas are short too', () => {
    const key = 'k'.repeat(10_000);
    for (const definition of [
      ...[{ kind: key }, { kind: 'string', [key]: 1 }, { kind: 'string', values: [key, key] }],
      ...[{ kind: 'object', properties: [{ name: 'a', type: { kind: 'json' }, [key]: 1 }] }],
    ]) {
      const { message, path } = refusal(definition);
      expect(message.length + path.length).toBeLessThan(MAX);
    }
  });
});
