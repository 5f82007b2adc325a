import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { fitDecimal, parseDecimal, trimDecimal } from '../values/decimal-text.js';
import { fitsInt64 } from '../values/int-text.js';
import type { Value } from '../values/value.js';
import { type Literal, type LiteralItem, textLiteral } from './expression.js';
import type { ExpressionReader } from './expression-reader.js';

const WIDEST_DECIMAL = { kind: 'decimal', precision: 76, scale: 37 } as const;

const INT_32: Type = { kind: 'int', bitSize: 32 };
const INT_64: Type = { kind: 'int', bitSize: 64 };

const NUMBER = /[-+0-9.eE]*/y;
const HYPHENATED_NAME = /-[A-Za-z_]/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/** The words that are literals, unless they are written as a path, with a leading point. */
export const WORD_LITERALS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['true', { type: { kind: 'boolean' }, value: true, text: 'true', display: 'true' }],
  ['false', { type: { kind: 'boolean' }, value: false, text: 'false', display: 'false' }],
  ['null', { type: { kind: 'json' }, value: null, text: '', display: 'null' }],
]);

/**
 * Parses a number. One that is integral and fits 64 bits is an integer, every other a decimal. Throws an ExpressionError.
 */
export function parseNumber(reader: ExpressionReader): LiteralItem {
  if (reader.sees(HYPHENATED_NAME)) {
    throw reader.errorAhead("unexpected character '-': names cannot contain it; did you mean '_'?");
  }
  const start = reader.position;
  const decimal = parseDecimal(reader.takeMatch(NUMBER));
  if (decimal === undefined) throw reader.error('number syntax is not valid', start);
  const text = trimDecimal(decimal);
  if (fitDecimal(text, WIDEST_DECIMAL.precision, WIDEST_DECIMAL.scale) === undefined) {
    throw reader.error(`number ${text} is not a ${typeText(WIDEST_DECIMAL)} value`, start);
  }
  return { op: 'literal', ...typedNumber(text), text, display: text, span: reader.spanSince(start) };
}

/** The smaller an integer's type is, the less it takes to compare it with others. */
function typedNumber(text: string): { type: Type; value: Value } {
  if (text.includes('.') || !fitsInt64(text, false)) return { type: WIDEST_DECIMAL, value: text };
  const number = Number(text);
  if ((number | 0) === number) return { type: INT_32, value: number };
  return { type: INT_64, value: text };
}

/** Parses a text in single or double quotes. Throws an ExpressionError. */
export function parseText(reader: ExpressionReader): LiteralItem {
  const start = reader.position;
  return textLiteral(parseQuoted(reader), reader.spanSince(start));
}

/** The content of a quoted text, which may run over several lines. A backslash before any other letter is dropped. */
export function parseQuoted(reader: ExpressionReader): string {
  const start = reader.position;
  const quote = reader.next();
  let text = '';
  while (!reader.take(quote)) {
    if (reader.isAtEnd) throw reader.error('string is not terminated', start);
    text += parseCharacter(reader, start);
  }
  return text;
}

/** `quote` is where the text starts. PostgreSQL and many others cannot store the NUL character in text. */
function parseCharacter(reader: ExpressionReader, quote: number): string {
  const start = reader.position;
  const first = reader.next();
  const character = first === '\\' ? parseEscape(reader, quote) : first;
  if (character === '\0') throw reader.error('character 0x00 is not allowed in strings', start);
  if (isLoneSurrogate(character)) {
    throw reader.error(
      `U+${character.charCodeAt(0).toString(16).toUpperCase()} is not valid Unicode code point`,
      start,
    );
  }
  return character;
}

function isLoneSurrogate(character: string): boolean {
  return character.length === 1 && (character.charCodeAt(0) & 0xf800) === 0xd800;
}

function parseEscape(reader: ExpressionReader, quote: number): string {
  if (reader.isAtEnd) throw reader.error('string is not terminated', quote);
  const letter = reader.next();
  if (letter === 'u') return parseHexadecimal(reader, 4, quote);
  if (letter === 'U') return parseHexadecimal(reader, 8, quote);
  return ESCAPES.get(letter) ?? letter;
}

function parseHexadecimal(reader: ExpressionReader, length: number, quote: number): string {
  const start = reader.position - 2;
  let digits = '';
  while (digits.length < length) {
    if (reader.isAtEnd) throw reader.error('string is not terminated', quote);
    const digit = reader.peek();
    if (!/^[0-9a-fA-F]$/.test(digit)) {
      throw reader.errorAhead(`hexadecimal escape has an invalid character '${digit}'`);
    }
    digits += reader.next();
  }
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    const shown = digits.toUpperCase().replace(/^0{1,4}(?=.{4})/, '');
    throw reader.error(`U+${shown} is not valid Unicode code point`, start);
  }
  return String.fromCodePoint(codePoint);
}
