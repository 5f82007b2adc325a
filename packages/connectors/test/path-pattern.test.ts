import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { compilePattern, isPattern } from '../src/files/path-pattern.js';

const matches = (pattern: string, path: string): boolean => compilePattern(pattern).matches(path);

describe('a path pattern', () => {
  it.each([
    ['*.csv', 'a.csv', true],
    ['*.csv', 'a/b.csv', false],
    ['*.csv', '.csv', false],
    ['*.csv', 'A.CSV', false],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?idden', '.idden', false],
    ['[.]idden', '.idden', false],
    ['users-?.csv', 'users-😀.csv', true],
    ['users-?.csv', 'users-12.csv', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'Bx', false],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[-a]x', '-x', true],
    ['[*]x', '*x', true],
    ['[*]x', 'ax', false],
    ['**', 'a', true],
    ['**', 'a/b/c', true],
    ['**', 'a/.b/c', false],
    ['**/*.csv', 'a.csv', true],
    ['**/*.csv', 'a/b/c.csv', true],
    ['**/*.csv', '.git/c.csv', false],
    ['a/**/b/*.csv', 'a/b/x.csv', true],
    ['a/**/b/*.csv', 'a/1/2/b/x.csv', true],
    ['a/**/b/*.csv', 'a/b/b/b/x.csv', true],
    ['a/**/b/*.csv', 'a/b/c/x.csv', false],
    ['a/**', 'a', false],
    ['a/**', 'a/b/c', true],
    ['**/**/x', 'x', true],
    ['{a,b/c}.csv', 'b/c.csv', true],
    ['{a,{b,c}}d', 'cd', true],
    ['x{,-1}.csv', 'x.csv', true],
    ['{a}.csv', '{a}.csv', true],
    ['a[.csv', 'a[.csv', true],
    ['*.csv', '.*.csv', false],
    ['a.b*', 'axb1', false],
    ['(a|b)*', 'a', false],
    ['+(a)*', '+(a)', true],
    ['*\\d', 'x1', false],
    ['*$', 'x', false],
    ['a//*', 'a//b', true],
    ['*', '', false],
    ['a*\nb', 'a1\nb', true],
  ])('%j and %j: %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it.each([
    ['users.csv', false],
    ['a {b} [.csv', false],
    ['a]b}', false],
    ['a*', true],
    ['a?', true],
    ['[a]', true],
    ['{a,b}', true],
  ])('is told from a path: %j is one: %s', (path, expected) => {
    expect(isPattern(path)).toBe(expected);
  });

  it.each([
    ['*.csv', ''],
    ['a/b/*.csv', 'a/b'],
    ['a/b*/c', 'a'],
    ['a/{b,c}/d', 'a'],
    ['a/[x/b-?', 'a/[x'],
    ['a/b/**', 'a/b'],
    ['/a*', ''],
  ])('%j has the directory %j as its base', (pattern, base) => {
    expect(compilePattern(pattern).base).toBe(base);
  });

  it.each([
    ['a/*/c', '', true],
    ['a/*/c', 'a', true],
    ['a/*/c', 'a/b', true],
    ['a/*/c', 'a/b/c', false],
    ['a/*/c', 'b', false],
    ['a/**/c', 'a/b/c/d', true],
    ['{a,b/c}/*', 'b', true],
    ['{a,b/c}/*', 'b/d', false],
  ])('%j may be below %j: %s', (pattern, directory, expected) => {
    expect(compilePattern(pattern).mayContain(directory)).toBe(expected);
  });

  it.each([
    ['*a'.repeat(11), 'path has 11 times *: at most 10 are allowed'],
    ['{a,b}'.repeat(5), 'path stands for more than 20 alternatives in braces'],
    ['{'.repeat(300) + ',}'.repeat(300), 'path stands for more than 20 alternatives in braces'],
    ['a**/b', 'path has ** in a name: it must stand alone between slashes'],
  ])('is refused with the reason: %.30s', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'InvalidPath', message }));
  });

  it('takes no time that multiplies with its stars', () => {
    const name = 'a'.repeat(1_000);
    expect(matches(`${'*a'.repeat(10)}b`, name)).toBe(false);
    expect(matches(`${'**/a/'.repeat(10)}b`, 'a/'.repeat(500) + name)).toBe(false);
  });

  it('agrees with another implementation', () => {
    const part = fc.constantFrom('*', '?', 'a', 'b', '.', '[ab]', '[!a]', '{a,b}', '-', '(', '+');
    const segment = fc.oneof(
      { weight: 1, arbitrary: fc.constant('**') },
      fc.array(part, { minLength: 1, maxLength: 4 }),
    );
    const pattern = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map((segments) => segments.map((texts) => (typeof texts === 'string' ? texts : texts.join(''))).join('/'))
      .filter((text) => !/\*\*[^/]|[^/]\*\*|\*\*$|(^|\/)\.{1,2}(\/|$)|(^|\/)[^/]*\.|(\{.*){5}/.test(text));
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '('), minLength: 1, maxLength: 5 });
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const options = { noext: true, nonegate: true, posix: true, strictSlashes: true } as const;
    fc.assert(
      fc.property(pattern, path, (text, candidate) => {
        const escaped = text.replaceAll(/[()+]/g, '\\$&');
        expect(matches(text, candidate)).toBe(picomatch(escaped, options)(candidate));
      }),
      { numRuns: 3_000 },
    );
  });
});
