import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { fitDecimal, parseDecimal, trimDecimal } from '../values/decimal-text.js';
import { fitsInt64 } from '../values/int-text.js';
import { ExpressionError, type LiteralItem, textLiteral } from './expression.js';
import type { ExpressionReader } from './expression-reader.js';

const WIDEST_DECIMAL = { kind: 'decimal', precision: 76, scale: 37 } as const;

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
export const WORD_LITERALS: ReadonlyMap<string, LiteralItem> = new Map<string, LiteralItem>([
  ['true', { op: 'literal', type: { kind: 'boolean' }, value: true, text: 'true', display: 'true' }],
  ['false', { op: 'literal', type: { kind: 'boolean' }, value: false, text: 'false', display: 'false' }],
  ['null', { op: 'literal', type: { kind: 'json' }, value: null, text: '', display: 'null' }],
]);

/**
 * Parses a number. One that is integral and fits 64 bits is an integer, every other a decimal. Throws {@link ExpressionError}.
 */
export function parseNumber(reader: ExpressionReader): LiteralItem {
  if (reader.sees(HYPHENATED_NAME)) {
    throw new ExpressionError("unexpected character '-': names cannot contain it; did you mean '_'?");
  }
  const decimal = parseDecimal(reader.takeMatch(NUMBER));
  if (decimal === undefined) throw new ExpressionError('number syntax is not valid');
  const text = trimDecimal(decimal);
  const isInteger = !text.includes('.') && fitsInt64(text, false);
  if (isInteger) return numberLiteral({ kind: 'int', bitSize: 64 }, text);
  if (fitDecimal(text, WIDEST_DECIMAL.precision, WIDEST_DECIMAL.scale) === undefined) {
    throw new ExpressionError(`number ${text} is not a ${typeText(WIDEST_DECIMAL)} value`);
  }
  return numberLiteral(WIDEST_DECIMAL, text);
}

function numberLiteral(type: Type, text: string): LiteralItem {
  return { op: 'literal', type, value: text, text, display: text };
}

/** Parses a text in single or double quotes. Throws {@link ExpressionError}. */
export function parseText(reader: ExpressionReader): LiteralItem {
  return textLiteral(parseQuoted(reader));
}

/** The content of a quoted text, which may run over several lines. A backslash before any other letter is dropped. */
export function parseQuoted(reader: ExpressionReader): string {
  const quote = reader.next();
  let text = '';
  while (!reader.take(quote)) {
    if (reader.isAtEnd) throw new ExpressionError('string is not terminated');
    const character = reader.next();
    text += checkedCharacter(character === '\\' ? parseEscape(reader) : character);
  }
  return text;
}

function parseEscape(reader: ExpressionReader): string {
  if (reader.isAtEnd) throw new ExpressionError('string is not terminated');
  const letter = reader.next();
  if (letter === 'u') return parseHexadecimal(reader, 4);
  if (letter === 'U') return parseHexadecimal(reader, 8);
  return ESCAPES.get(letter) ?? letter;
}

function parseHexadecimal(reader: ExpressionReader, length: number): string {
  let digits = '';
  while (digits.length < length) {
    if (reader.isAtEnd) throw new ExpressionError('string is not terminated');
    const digit = reader.next();
    if (!/^[0-9a-fA-F]$/.test(digit)) {
      throw new ExpressionError(`hexadecimal escape has an invalid character '${digit}'`);
    }
    digits += digit;
  }
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    throw new ExpressionError(
      `U+${digits.toUpperCase().replace(/^0{1,4}(?=.{4})/, '')} is not valid Unicode code point`,
    );
  }
  return String.fromCodePoint(codePoint);
}

/** PostgreSQL and many others cannot store the NUL character in text. */
function checkedCharacter(character: string): string {
  if (character === '\0') throw new ExpressionError('character 0x00 is not allowed in strings');
  return character;
}
