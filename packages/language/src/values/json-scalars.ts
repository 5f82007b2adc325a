import { endOfDigits } from './digits.js';

const QUOTE = 34;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const BACKSLASH = 92;
const LOWER_U = 117;
const NOT_VALID = -1;

const ESCAPED = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));
const HEX = /^[0-9a-fA-F]{4}$/;

/** Position after the JSON string, number or literal that starts at a position; -1 when there is none. */
export function endOfJsonScalar(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case QUOTE:
      return endOfJsonString(text, start);
    case 0x74:
      return endOfWord(text, start, 'true');
    case 0x66:
      return endOfWord(text, start, 'false');
    case 0x6e:
      return endOfWord(text, start, 'null');
    default:
      return endOfNumber(text, start);
  }
}

function endOfWord(text: string, start: number, word: string): number {
  return text.startsWith(word, start) ? start + word.length : NOT_VALID;
}

/** Position after the JSON string that starts at a position; -1 when it is not valid. The text itself is well formed. */
export function endOfJsonString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit < 32) return NOT_VALID;
    at = unit === BACKSLASH ? endOfEscape(text, at + 1) : at + 1;
    if (at === NOT_VALID) return NOT_VALID;
  }
  return NOT_VALID;
}

/** An escaped half of a surrogate pair is valid only together with the other half. */
function endOfEscape(text: string, start: number): number {
  const unit = text.charCodeAt(start);
  if (unit !== LOWER_U) return ESCAPED.has(unit) ? start + 1 : NOT_VALID;
  const code = escapedUnit(text, start + 1);
  if (code < 0xd800 || code > 0xdfff) return code === NOT_VALID ? NOT_VALID : start + 5;
  if (code > 0xdbff || text.charCodeAt(start + 5) !== BACKSLASH || text.charCodeAt(start + 6) !== LOWER_U) {
    return NOT_VALID;
  }
  const low = escapedUnit(text, start + 7);
  return low >= 0xdc00 && low <= 0xdfff ? start + 11 : NOT_VALID;
}

function escapedUnit(text: string, start: number): number {
  const digits = text.slice(start, start + 4);
  return HEX.test(digits) ? Number.parseInt(digits, 16) : NOT_VALID;
}

function endOfNumber(text: string, start: number): number {
  const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
  let end = endOfDigits(text, first);
  if (end === first || (end > first + 1 && text.charCodeAt(first) === ZERO)) return NOT_VALID;
  if (text.charCodeAt(end) === POINT) {
    const fraction = end + 1;
    end = endOfDigits(text, fraction);
    if (end === fraction) return NOT_VALID;
  }
  return endOfExponent(text, end);
}

function endOfExponent(text: string, start: number): number {
  const mark = text.charCodeAt(start);
  if (mark !== 0x65 && mark !== 0x45) return start;
  const sign = text.charCodeAt(start + 1);
  const digits = sign === PLUS || sign === MINUS ? start + 2 : start + 1;
  const end = endOfDigits(text, digits);
  return end === digits ? NOT_VALID : end;
}
