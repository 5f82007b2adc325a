import { isDigit } from './digits.js';

const MINUS = 45;
const PLUS = 43;
const ZERO = 48;

/**
 * Reads a decimal integer with an optional sign and nothing else; leading zeros are fine. NaN when the text is something else;
 * inexact (and thus out of every range of up to 32 bits) when it is very long.
 */
export function parseSmallInt(text: string): number {
  const first = text.charCodeAt(0);
  const start = first === MINUS || first === PLUS ? 1 : 0;
  if (start === text.length) return Number.NaN;
  let value = 0;
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return first === MINUS && value !== 0 ? -value : value;
}

/** Reads the same texts as {@link parseSmallInt} into canonical decimal text of any length; undefined for something else. */
export function parseIntText(text: string): string | undefined {
  const first = text.charCodeAt(0);
  const signLength = first === MINUS || first === PLUS ? 1 : 0;
  if (signLength === text.length) return undefined;
  for (let index = signLength; index < text.length; index++) {
    if (!isDigit(text.charCodeAt(index))) return undefined;
  }
  let start = signLength;
  while (start < text.length - 1 && text.charCodeAt(start) === ZERO) start++;
  if (first === MINUS && text.charCodeAt(start) !== ZERO) return start === 1 ? text : `-${text.slice(start)}`;
  return start === 0 ? text : text.slice(start);
}

/** Whether canonical decimal text is within the range of 64 bits. */
export function fitsInt64(text: string, unsigned: boolean): boolean {
  const negative = text.charCodeAt(0) === MINUS;
  if (unsigned) return !negative && magnitudeAtMost(text, 0, '18446744073709551615');
  if (negative) return magnitudeAtMost(text, 1, '9223372036854775808');
  return magnitudeAtMost(text, 0, '9223372036854775807');
}

function magnitudeAtMost(text: string, start: number, limit: string): boolean {
  const digits = text.length - start;
  if (digits !== limit.length) return digits < limit.length;
  return (start === 0 ? text : text.slice(start)) <= limit;
}
