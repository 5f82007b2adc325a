import { MAX_JSON_DEPTH } from '@penstock/language';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfDigits,
  isEscaped,
  isHex,
  LOWER_E,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  LOWER_U,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  PLUS,
  POINT,
  QUOTE,
  skipBlanks,
  TO_LOWER,
  ZERO,
} from './json-characters.js';

/** The text ends before the value does. */
export const INCOMPLETE = -1;
/** The value is not valid; {@link JsonScanner.failedAt} says where. */
export const NOT_VALID = -2;
/** The value is nested deeper than the scanner goes. */
export const TOO_DEEP = -3;

/**
 * Finds where JSON values end, and checks on the way that they are valid by RFC 8259: it makes no values, does not recurse and
 * takes linear time. A text that is cut off is told from one that is wrong. What a key or an escape says is not looked at.
 */
export class JsonScanner {
  /** Where the last value that was not valid ceased to be. */
  failedAt = 0;
  /** How each container around the position ends, by depth. */
  readonly #close: Uint8Array;
  readonly #maxDepth: number;
  #depth = 0;

  constructor(maxDepth = MAX_JSON_DEPTH) {
    this.#maxDepth = maxDepth;
    this.#close = new Uint8Array(maxDepth + 1);
  }

  /** Position after the value that starts at `start`; or one of the codes. The text is taken to end at `end`. */
  endOfValue(text: string, start: number, end: number): number {
    const unit = start < end ? text.charCodeAt(start) : INCOMPLETE;
    if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) return this.#endOfContainer(text, start, end);
    return this.#endOfScalar(text, start, end);
  }

  /** Position after the string whose opening quote is at `start`. */
  endOfString(text: string, start: number, end: number): number {
    let at = start + 1;
    while (at < end) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) return at + 1;
      if (unit === BACKSLASH) {
        at = this.#endOfEscape(text, at + 1, end);
        if (at < 0) return at;
      } else if (unit < 32) {
        return this.notValid(at);
      } else {
        at++;
      }
    }
    return INCOMPLETE;
  }

  notValid(at: number): number {
    this.failedAt = at;
    return NOT_VALID;
  }

  #endOfContainer(text: string, start: number, end: number): number {
    this.#depth = 0;
    let at = start;
    do {
      at = this.#startValue(text, at, end);
      if (at >= 0) at = this.#leaveValue(text, at, end);
    } while (at >= 0 && this.#depth > 0);
    return at;
  }

  /** Position after a scalar; or opens containers up to the first scalar within, or to the end of an empty one. */
  #startValue(text: string, start: number, end: number): number {
    let at = start;
    for (;;) {
      const unit = at < end ? text.charCodeAt(at) : INCOMPLETE;
      if (unit !== OPEN_OBJECT && unit !== OPEN_ARRAY) return this.#endOfScalar(text, at, end);
      if (this.#depth === this.#maxDepth) return this.#tooDeep(at);
      const isObject = unit === OPEN_OBJECT;
      this.#close[++this.#depth] = isObject ? CLOSE_OBJECT : CLOSE_ARRAY;
      at = skipBlanks(text, at + 1, end);
      if (at < end && text.charCodeAt(at) === this.#close[this.#depth]) return at;
      if (isObject) at = this.#startOfMember(text, at, end);
      if (at < 0) return at;
    }
  }

  /** Closes what ends after a value: position of the next value, or with nothing open any more the end. */
  #leaveValue(text: string, start: number, end: number): number {
    let at = start;
    for (;;) {
      at = skipBlanks(text, at, end);
      if (at === end) return INCOMPLETE;
      const unit = text.charCodeAt(at);
      const close = this.#close[this.#depth];
      if (unit === COMMA) {
        at = skipBlanks(text, at + 1, end);
        return close === CLOSE_OBJECT ? this.#startOfMember(text, at, end) : at;
      }
      if (unit !== close) return this.notValid(at);
      at++;
      if (--this.#depth === 0) return at;
    }
  }

  /** Position of the value after the key and the colon that are expected. */
  #startOfMember(text: string, start: number, end: number): number {
    if (start === end) return INCOMPLETE;
    if (text.charCodeAt(start) !== QUOTE) return this.notValid(start);
    const endOfKey = this.endOfString(text, start, end);
    return endOfKey < 0 ? endOfKey : this.startOfValue(text, endOfKey, end);
  }

  /** Position of the value of a member whose key ends at `endOfKey`. */
  startOfValue(text: string, endOfKey: number, end: number): number {
    const colon = skipBlanks(text, endOfKey, end);
    if (colon === end) return INCOMPLETE;
    if (text.charCodeAt(colon) !== COLON) return this.notValid(colon);
    return skipBlanks(text, colon + 1, end);
  }

  #endOfScalar(text: string, start: number, end: number): number {
    if (start === end) return INCOMPLETE;
    switch (text.charCodeAt(start)) {
      case QUOTE:
        return this.endOfString(text, start, end);
      case LOWER_T:
        return this.#endOfWord(text, start, 'true', end);
      case LOWER_F:
        return this.#endOfWord(text, start, 'false', end);
      case LOWER_N:
        return this.#endOfWord(text, start, 'null', end);
      default:
        return this.#endOfNumber(text, start, end);
    }
  }

  #endOfWord(text: string, start: number, word: string, end: number): number {
    for (let index = 1; index < word.length; index++) {
      if (start + index === end) return INCOMPLETE;
      if (text.charCodeAt(start + index) !== word.charCodeAt(index)) return this.notValid(start + index);
    }
    return start + word.length;
  }

  #endOfEscape(text: string, start: number, end: number): number {
    if (start === end) return INCOMPLETE;
    const unit = text.charCodeAt(start);
    if (unit !== LOWER_U) return isEscaped(unit) ? start + 1 : this.notValid(start);
    for (let at = start + 1; at < start + 5; at++) {
      if (at === end) return INCOMPLETE;
      if (!isHex(text.charCodeAt(at))) return this.notValid(at);
    }
    return start + 5;
  }

  /** A number at the very end of the text may go on after it. */
  #endOfNumber(text: string, start: number, end: number): number {
    let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
    const first = at;
    at = endOfDigits(text, at, end);
    if (at === first) return this.#missing(at, end);
    if (text.charCodeAt(first) === ZERO && at > first + 1) return this.notValid(first + 1);
    if (at < end && text.charCodeAt(at) === POINT) {
      const fraction = at + 1;
      at = endOfDigits(text, fraction, end);
      if (at === fraction) return this.#missing(at, end);
    }
    if (at < end && (text.charCodeAt(at) | TO_LOWER) === LOWER_E) {
      at = this.#endOfExponent(text, at + 1, end);
    }
    return at === end ? INCOMPLETE : at;
  }

  #endOfExponent(text: string, start: number, end: number): number {
    const sign = start < end ? text.charCodeAt(start) : INCOMPLETE;
    const digits = sign === PLUS || sign === MINUS ? start + 1 : start;
    const at = endOfDigits(text, digits, end);
    return at === digits ? this.#missing(at, end) : at;
  }

  #missing(at: number, end: number): number {
    return at === end ? INCOMPLETE : this.notValid(at);
  }

  #tooDeep(at: number): number {
    this.failedAt = at;
    return TOO_DEEP;
  }
}
