import { type CharTest, PatternError } from './pattern-node.js';
import type { PatternReader } from './pattern-reader.js';

/**
 * Character classes are translated to those of JavaScript with the flag `v` and tested against one character at a time, which
 * gives Unicode properties and case folding without tables of our own and cannot backtrack. A class is kept as the text inside
 * its brackets.
 */

const PERL_CLASSES: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['s', '\\t\\n\\f\\r '],
  ['w', '0-9A-Za-z_'],
]);

const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['ascii', '\\x00-\\x7F'],
  ['blank', '\\t '],
  ['cntrl', '\\x00-\\x1F\\x7F'],
  ['digit', '0-9'],
  ['graph', '\\x21-\\x7E'],
  ['lower', 'a-z'],
  ['print', '\\x20-\\x7E'],
  ['punct', '\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E'],
  ['space', '\\t\\n\\v\\f\\r '],
  ['upper', 'A-Z'],
  ['word', '0-9A-Za-z_'],
  ['xdigit', '0-9A-Fa-f'],
]);

const LETTER_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);

/** Compiles the text inside the brackets of a class into a test. */
export function classTest(content: string, ignoreCase: boolean): CharTest {
  const expression = new RegExp(`^[${content}]$`, ignoreCase ? 'vi' : 'v');
  return (codePoint) => expression.test(String.fromCodePoint(codePoint));
}

/** Class text of one character. */
export function charText(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** Reads a class after its opening bracket; returns its text with the brackets that a nested class needs. */
export function readClass(reader: PatternReader): string {
  const negated = reader.take('^');
  let content = '';
  let isFirst = true;
  while (isFirst || reader.peek() !== ']') {
    content += readClassItem(reader);
    isFirst = false;
  }
  reader.next();
  return negated ? `[^${content}]` : `[${content}]`;
}

function readClassItem(reader: PatternReader): string {
  const posix = reader.takeMatch(/^\[:(\^?)(\w+):\]/);
  if (posix !== undefined) return posixClass(posix[1] === '^', posix[2] ?? '');
  const set = readSetEscape(reader);
  if (set !== undefined) return set;
  const first = readClassChar(reader);
  if (reader.takeMatch(/^-(?!\]|$)/) === undefined) return charText(first);
  const last = readClassChar(reader);
  if (last < first) throw new PatternError('invalid character class range');
  return `${charText(first)}-${charText(last)}`;
}

function posixClass(negated: boolean, name: string): string {
  const content = POSIX_CLASSES.get(name);
  if (content === undefined) throw new PatternError(`invalid character class [:${name}:]`);
  return negated ? `[^${content}]` : content;
}

function readClassChar(reader: PatternReader): number {
  const character = reader.next('missing closing ]');
  return character === '\\' ? readCharEscape(reader) : (character.codePointAt(0) ?? 0);
}

/** Reads an escape that stands for a set, `\d` or `\pL` and their like; undefined when the rest starts with none. */
export function readSetEscape(reader: PatternReader): string | undefined {
  const perl = reader.takeMatch(/^\\([dswDSW])/)?.[1];
  if (perl !== undefined) {
    const content = PERL_CLASSES.get(perl.toLowerCase()) ?? '';
    return perl === perl.toLowerCase() ? content : `[^${content}]`;
  }
  const property = reader.takeMatch(/^\\([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/);
  if (property === undefined) return undefined;
  const [, letter, caret, name, category] = property;
  return propertyClass(name ?? category ?? '', (letter === 'P') !== (caret === '^'));
}

/** Names of one or two letters are general categories, longer ones scripts. */
function propertyClass(name: string, negated: boolean): string {
  if (name === 'Any') return negated ? '[^\\u{0}-\\u{10ffff}]' : '\\u{0}-\\u{10ffff}';
  const content = `\\${negated ? 'P' : 'p'}{${name.length <= 2 ? 'gc' : 'sc'}=${name}}`;
  try {
    new RegExp(content, 'v');
  } catch {
    throw new PatternError(`invalid character class \\p{${name}}`);
  }
  return content;
}

/** Reads an escape that stands for one character, after its backslash. */
export function readCharEscape(reader: PatternReader): number {
  const hexadecimal = reader.takeMatch(/^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/);
  if (hexadecimal !== undefined) return checkedCodePoint(Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? '', 16));
  const octal = reader.takeMatch(/^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/);
  if (octal !== undefined) return Number.parseInt(octal[0], 8);
  const character = reader.next('trailing backslash at end of expression');
  const letter = LETTER_ESCAPES.get(character);
  if (letter !== undefined) return letter;
  if (!/^[!-/:-@[-`{-~]$/.test(character)) throw new PatternError(`invalid escape sequence \\${character}`);
  return character.charCodeAt(0);
}

function checkedCodePoint(codePoint: number): number {
  if (codePoint > 0x10ffff) throw new PatternError('invalid escape sequence: there is no such code point');
  return codePoint;
}
