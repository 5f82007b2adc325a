import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { compilePattern, isPattern, patternProblem, unclosedHint } from '../src/files/path-pattern.js';

const LETTERS = [...'bcdefghijklmnopqrstu'].join(',');
/** Characters that are compared in one step. */
const STEP = 32;

const TOO_LONG = 'path has more than 8192 characters, each alternative in braces written out: make it shorter';

const braced = (texts: readonly string[]): string => `{${texts.join(',')}}`;
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
    ['{a/b,{c,d}}', ''],
    ['a/{b/c,b/d}/*', 'a/b'],
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
    ['**/c', 'a/.b', false],
    ['**/.b/c', 'a/.b', true],
  ])('%j may be below %j: %s', (pattern, directory, expected) => {
    expect(compilePattern(pattern).mayContain(directory)).toBe(expected);
  });

  it.each([
    ['*a'.repeat(11), 'path has 11 times *: at most 10 are allowed'],
    ['{a,b}'.repeat(5), 'path stands for more than 20 alternatives in braces'],
    ['{'.repeat(300) + ',}'.repeat(300), 'path stands for more than 20 alternatives in braces'],
    ['a**/b', 'path has ** in a name: it must stand alone between slashes'],
    [`*${'a'.repeat(480)}{${LETTERS}}`, TOO_LONG],
    [`*${'a'.repeat(8_192)}`, TOO_LONG],
    [`${'[{'.repeat(500_000)}*`, TOO_LONG],
  ])('is refused with the reason: %.30s', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: 'InvalidPath', message }));
    expect(patternProblem(pattern)).toBe(message);
  });

  it.each(['users.csv', '{a', '[a', '**/*.csv', '{a,b}/[c]?', ''])(
    'has no problem when it is valid, or none: %j',
    (path) => {
      expect(patternProblem(path)).toBeUndefined();
    },
  );

  it.each([
    ['exports/{2026-01,2026-02/users.csv', 'brace {'],
    ['exports/2026-0[12/users.csv', 'bracket ['],
    ['exports/2026-0[12/users].csv', 'bracket ['],
    ['{a,{b,c}', 'brace {'],
    ['*.{csv', 'brace {'],
    ['[a]/[', 'bracket ['],
  ])('that is not closed is explained: %j', (path, what) => {
    expect(unclosedHint(path)).toBe(
      `: a ${what} in it is not closed, so it is taken as a character of the name and not as part of a pattern`,
    );
  });

  it.each(['users.csv', '{a}', '{a,{b,c}}', 'a]b}', '[{]*', '[a]{b,c}/[d]', '[]'])(
    'that is closed has no hint: %j',
    (path) => {
      expect(unclosedHint(path)).toBe('');
    },
  );

  it.each([
    ['braces behind a star', `*${'a'.repeat(400)}{${LETTERS}}`],
    ['braces in the middle', `*{${LETTERS},a}${'a'.repeat(380)}[b]`.replace('b,', '')],
    ['ten stars', `${'*a'.repeat(10)}?[b]`],
    ['ten stars with braces', `${'*a'.repeat(10)}{${LETTERS}}[c]`],
    ['braces in braces', `*${'a'.repeat(100)}{c{d,e},f,?[k]}`],
    ['directories', `${'**/a/'.repeat(10)}[b]`],
  ])('costs no more than its length times that of the name, in steps of 32 characters: %s', (_, text) => {
    const pattern = compilePattern(text);
    const names = [
      'a'.repeat(1_020),
      'a/'.repeat(510),
      'ab'.repeat(510),
      'a'.repeat(400),
      `${'a/'.repeat(400)}${'a'.repeat(220)}`,
    ];
    // Once for each of a few characters, all places are looked at.
    for (const name of names) pattern.matches(name);
    const before = pattern.work;
    for (const name of names) expect(pattern.matches(name)).toBe(false);
    const places = text.length * (text.includes('{') ? 20 : 1);
    const characters = names.join('').length + names.length;
    expect(pattern.work - before).toBeLessThanOrEqual(names.length + characters * Math.ceil((places + 20) / STEP));
    expect(before).toBeLessThanOrEqual(pattern.work - before + 5 * (places + STEP));
  });

  it('does not look into names that are too long, nor into those that begin or end as none of the pattern', () => {
    const pattern = compilePattern('exports/{2026,2027}-*/users.{c,t}sv');
    const paths = [
      `exports/2026-${'a'.repeat(1_024)}/users.csv`,
      'imports/2026-01/users.csv',
      'exports/2026-01/users.csx',
    ];
    for (const path of paths) expect(pattern.matches(path)).toBe(false);
    expect(pattern.work).toBe(paths.length);
    expect(pattern.matches('exports/2026-01/users.csv')).toBe(true);
    expect(matches('*', 'a'.repeat(1_024))).toBe(true);
    expect(matches('*', 'a'.repeat(1_025))).toBe(false);
    expect(compilePattern('**/*.csv').mayContain('a'.repeat(1_025))).toBe(false);
  });

  it('stands for what its alternatives stand for one by one', () => {
    const part = fc.constantFrom('*', '?', 'a', 'b', '.', '[ab]', '[!a]', '/', '/', '**/', 'ab'.repeat(20));
    const alternative = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    const alternatives = fc
      .array(alternative, { minLength: 2, maxLength: 8 })
      .filter(
        (texts) =>
          texts.every((text) => patternProblem(text) === undefined) && patternProblem(braced(texts)) === undefined,
      );
    const path = fc.array(fc.constantFrom('a', 'b', 'ab', '.', '/', 'ab'.repeat(20)), { maxLength: 10 });
    fc.assert(
      fc.property(alternatives, path, (texts, parts) => {
        const candidate = parts.join('');
        const expected = texts.some((text) => matches(text, candidate));
        expect(matches(braced(texts), candidate)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
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
