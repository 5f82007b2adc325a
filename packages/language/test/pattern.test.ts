import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, PatternError } from '../src/index.js';

describe('compilePattern', () => {
  test.each<[pattern: string, matching: string[], others: string[]]>([
    ['', ['', 'a'], []],
    ['b', ['abc', 'b'], ['', 'ac']],
    ['^a|b$', ['ax', 'xb'], ['xa', 'bx']],
    ['^$', [''], ['a', '\n']],
    ['a$', ['ba'], ['a\n']],
    ['(?m)^b$', ['a\nb\nc', 'b'], ['ab']],
    ['^a.c$', ['abc', 'a\u{1f600}c'], ['a\nc']],
    ['(?s)^a.c$', ['a\nc'], ['ac']],
    ['(?i)straße', ['STRAßE', 'straẞe'], ['strasse']],
    ['(?i)k', ['\u212a'], []],
    ['(?i)^s$', ['S', '\u017f'], ['ß']],
    ['(?i)^σ$', ['Σ', 'ς'], ['s']],
    ['(?i)^i$', ['I'], ['\u0130', '\u0131']],
    ['(?i)^[a-c]$', ['B', 'c'], ['D']],
    ['(?i)^[^a-c]$', ['D'], ['B', 'b']],
    ['(?i)^\\p{Lu}$', ['A', 'a'], ['1']],
    ['(?i)^\\P{Lu}$', ['1'], ['A', 'a']],
    ['(?i:a)b', ['Ab'], ['aB']],
    ['a(?i)b|c', ['aB', 'C'], ['AB']],
    ['(?-i)a', ['a'], ['A']],
    ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
    ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
    ['^a{1000}$', ['a'.repeat(1000)], ['a'.repeat(999), 'a'.repeat(1001)]],
    ['^a{0}$', [''], ['a']],
    ['a{,2}', ['a{,2}'], ['aa']],
    ['^(a|bc)+?d?$', ['abca', 'bcd'], ['b', 'dd']],
    ['^(?:a*)*$', ['', 'aaa'], ['b']],
    ['^(?P<x>a)(?<y>b)$', ['ab'], ['a']],
    ['^[a-c\\d_-]+$', ['a1_-c'], ['d', '']],
    ['^[^a-c]$', ['d', '\n', 'é'], ['b']],
    ['^[]a]+$', [']a'], ['b']],
    ['^[a-a]$', ['a'], ['b', '-']],
    ['^[a-]$', ['-'], ['b']],
    ['^\u{1f600}+$', ['\u{1f600}', '\u{1f600}\u{1f600}'], ['\u{1f601}']],
    ['^[\u{1f600}-\u{1f602}]$', ['\u{1f601}'], ['\u{1f603}']],
    ['^[[:alpha:][:^ascii:]]+$', ['aé'], ['1']],
    ['^[[:blank:]]+$', [' \t'], ['\n']],
    ['^[[:space:]]+$', [' \t\n\v\f\r'], ['\u00a0', '\u0085']],
    ['^[[:punct:]]+$', ['!/:@[\\]^_`{|}~'], ['0', '9', 'A', 'Z', 'a', 'z', ' ', '\x7f']],
    ['^[[:xdigit:]]+$', ['09afAF'], ['g', 'G']],
    ['^[\\D]$', ['a'], ['1']],
    ['^\\p{Greek}+$', ['αβγ'], ['abc']],
    ['^\\pL+$', ['aé漢'], ['1']],
    ['^\\P{Lu}$', ['a'], ['A']],
    ['^\\p{^Lu}$', ['a'], ['A']],
    ['^\\P{^Lu}$', ['A'], ['a']],
    ['\\bfoo\\b', ['a foo b', 'foo'], ['food', 'éfoo_']],
    ['\\Bo', ['foo'], ['o']],
    ['^[AZaz09_]\\b', ['A@', 'Z[', 'a`', 'z{', '0/', '9:', '_^'], ['Ax', 'Zx', 'ax', 'zx', '0x', '9x', '_x']],
    ['\\Aab\\z', ['ab'], ['ab\n', 'xab']],
    ['^\\Qa.b\\E+$', ['a.b', 'a.bb'], ['axb']],
    ['^\\x41\\x{1F600}\\101\\t$', ['A\u{1f600}A\t'], ['A']],
    ['^\\0\\12\\x{10FFFF}$', ['\0\n\u{10ffff}'], ['\0\n']],
    ['^\\a\\f\\n\\r\\v$', ['\x07\f\n\r\v'], ['afnrv']],
    ['^\\s$', [' ', '\t'], ['\v', '\u00a0']],
    ['^\\w$', ['_', '9'], ['é']],
    ['^\\.\\/\\-$', ['./-'], ['x/-']],
  ])('%s', (pattern, matching, others) => {
    const matches = compilePattern(pattern);
    expect(matching.filter((text) => !matches(text))).toEqual([]);
    expect(others.filter((text) => matches(text))).toEqual([]);
  });

  test.each([
    ['(', 'missing closing )'],
    [')', 'unexpected )'],
    ['[a', 'missing closing ]'],
    ['[b-a]', 'invalid character class range'],
    ['[[:foo:]]', 'invalid character class [:foo:]'],
    ['\\p{Klingon}', 'invalid character class \\p{Klingon}'],
    ['*', 'missing argument to repetition operator'],
    ['(?i)*', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['a{3,2}', 'invalid repeat count'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['(?<!a)', 'invalid or unsupported Perl syntax'],
    ['(a)\\1', 'invalid escape sequence \\1'],
    ['\\y', 'invalid escape sequence \\y'],
    ['\\', 'trailing backslash at end of expression'],
    ['\\x{110000}', 'invalid escape sequence: there is no such code point'],
    ['((a{1000}){1000}){1000}', 'expression is too large'],
    ['(((){1000}){1000}){1000}', 'expression is too large'],
  ])('refuses %s', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
    expect(() => compilePattern(pattern)).toThrow(message);
  });

  test('refuses groups nested so deeply that the stack would overflow', () => {
    expect(() => compilePattern('('.repeat(50_000))).toThrow('expression nests too deeply');
    expect(compilePattern(`${'('.repeat(500)}a${')'.repeat(500)}`)('a')).toBe(true);
  });

  test('agrees with the expressions of JavaScript where both speak the same language', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$', '\\b', '\\B', '(?:)', '\\w', '\\n');
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        atom,
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
        fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}')).map(([a, op]) => `(?:${a})${op}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', 'é'), maxLength: 7 });
    const flags = fc.constantFrom('', 'm', 's', 'ms');
    fc.assert(
      fc.property(pattern, fc.array(text, { maxLength: 4 }), flags, (source, texts, letters) => {
        const ours = compilePattern(letters === '' ? source : `(?${letters})${source}`);
        const theirs = new RegExp(source, `u${letters}`);
        for (const candidate of texts) expect(ours(candidate)).toBe(theirs.test(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  test('takes linear time where backtracking would take centuries', () => {
    const text = `${'a'.repeat(50_000)}!`;
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '(a*)*b', '^(.*a){12}$', '(x+x+)+y|^(a|a)*$']) {
      const started = performance.now();
      expect(compilePattern(pattern)(text)).toBe(false);
      expect(performance.now() - started).toBeLessThan(2_000);
    }
  });

  test('gives the answer of each text, whatever it remembers of the texts before', () => {
    const matches = compilePattern('a.{12}$');
    for (let seed = 0; seed < 3000; seed++) {
      const bits = (Math.imul(seed, 0x9e3779b1) >>> 0).toString(2).padStart(32, '0');
      const text = bits.replaceAll('0', 'a').replaceAll('1', 'b');
      expect(matches(text)).toBe(text.at(-13) === 'a');
    }
  });

  test('gives the same answers after it forgot what it remembered', () => {
    const matches = compilePattern('[\\x{100}-\\x{ffff}].{8}$');
    for (let seed = 0; seed < 3000; seed++) {
      const text = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + ((seed >> index) & 1) * 300)).join(
        '',
      );
      expect(matches(text)).toBe(text.charCodeAt(3) > 255);
    }
  });
});
