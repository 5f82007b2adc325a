import { describe, expect, test } from 'vitest';
import { compileMapping, type Type } from '../src/index.js';
import { arrayOf, decimal, inSchema, int32, json, object, property, text } from './expression-support.js';

function weightOf(mapping: Record<string, string>, types: Record<string, Type> = {}): number {
  const properties = Object.keys(mapping).map((name) => property(name, types[name] ?? text));
  return compileMapping(mapping, inSchema, object(...properties)).weight;
}

function weight(expression: string, type: Type = text): number {
  return weightOf({ out: expression }, { out: type });
}

describe('the weight of a mapping', () => {
  test('is 0 of copies and constants', () => {
    expect(weight('s')).toBe(0);
    expect(weight("'abc'")).toBe(0);
    expect(weight("lower('ABC')")).toBe(0);
    expect(weightOf({ a: 's', b: 'o.x', c: 'i' }, { c: int32 })).toBe(0);
  });

  test('is 1 of a conversion', () => {
    expect(weight('i')).toBe(1);
    expect(weight('s', decimal)).toBe(1);
    expect(weight('s', { kind: 'string', maxLength: 5 })).toBe(1);
  });

  test('is more of a conversion with JSON, the more the deeper its type is nested', () => {
    const depths = [json, arrayOf(json), arrayOf(arrayOf(json))].map((type) => weight('j2', type));
    expect(depths[0]).toBe(0);
    expect(depths[1]).toBeGreaterThan(weight('s', decimal));
    expect(depths[2]).toBeGreaterThan(depths[1] ?? 0);
  });

  test('is more of a conversion to a pattern, the larger the pattern is', () => {
    const [small = 0, large = 0] = ['a', 'a{1000}'].map((pattern) => weight('s', { kind: 'string', pattern }));
    expect(small).toBeGreaterThan(1);
    expect(large).toBeGreaterThan(100);
  });

  test('counts the parts of a concatenation that are not constant', () => {
    expect(weight('s s2 "x"')).toBe(2);
  });

  test('counts all texts that reach a function', () => {
    const single = weight('lower(s)');
    expect(single).toBeGreaterThan(0);
    expect(weight('lower(s s2)')).toBe(2 * single + 2);
    expect(weight('lower(lower(s))')).toBe(2 * single);
  });

  test('counts only one of the texts that a choice can give to a function', () => {
    const trimmed = weight('trim(s)');
    expect(weight('trim(coalesce(s, s2))') - weight('coalesce(s, s2)')).toBe(trimmed);
    expect(weight('trim(if(b, s, s2))') - weight('if(b, s, s2)')).toBe(trimmed);
  });

  test('counts the steps of a path through JSON', () => {
    expect(weight('j.a', json)).toBeGreaterThan(0);
    expect(weight('j.a.b', json)).toBe(2 * weight('j.a', json));
  });

  test('grows with the square of the depth where what is joined is joined again', () => {
    const nested = (levels: number): string => (levels === 0 ? 's' : `lower(${nested(levels - 1)} s)`);
    expect(weight(nested(60))).toBeGreaterThan(60 * 30);
  });

  test('counts long texts that are written out', () => {
    expect(weight(`upper(s '${'x'.repeat(6400)}')`)).toBeGreaterThan(100);
  });

  test('is that of all expressions together', () => {
    expect(weightOf({ a: 's s2', b: 'lower(s)', c: 's' })).toBe(weight('s s2') + weight('lower(s)'));
  });

  test('is below 60 for what is usually done to users', () => {
    const mapping = {
      ...{ id: 's', email: 'trim(lower(s))', name: "initcap(s) ' ' initcap(s2)", short: 'substring(s, 1, 6)' },
      ...{ country: 'upper(s)', city: "coalesce(o.x, s2, 'unknown')", plan: "if(eq(s, 'pro'), 'paying', 'free')" },
      ...{ logins: 'i', score: 'f', value: 'd', active: 'b', signedUp: 'ts', updated: 'j.at' },
    };
    expect(weightOf(mapping, { updated: { kind: 'datetime' } })).toBeLessThan(60);
  });
});
