/** The units of UTF-16 that JSON is made of. */
export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_ARRAY = 91;
export const CLOSE_ARRAY = 93;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;

export const PLUS = 43;
export const MINUS = 45;
export const POINT = 46;
export const ZERO = 48;
export const NINE = 57;
export const BACKSLASH = 92;
export const LOWER_E = 101;
export const LOWER_F = 102;
export const LOWER_N = 110;
export const LOWER_T = 116;
export const LOWER_U = 117;
/** Turns an upper-case letter of ASCII into a lower-case one. */
export const TO_LOWER = 32;

/** Position of the first unit from `start` on that is not white space of JSON; at most `end`. */
export function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit > 32 || (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9)) break;
    at++;
  }
  return at;
}

/** Position after the digits that start at `start`. */
export function endOfDigits(text: string, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit < ZERO || unit > NINE) break;
    at++;
  }
  return at;
}

/** Whether a unit may stand after a backslash, apart from `u`. */
export function isEscaped(unit: number): boolean {
  switch (unit) {
    case QUOTE:
    case BACKSLASH:
    case 47:
    case 98:
    case LOWER_F:
    case LOWER_N:
    case 114:
    case LOWER_T:
      return true;
    default:
      return false;
  }
}

/** Whether a unit is a hexadecimal digit. */
export function isHex(unit: number): boolean {
  if (unit >= ZERO && unit <= NINE) return true;
  const letter = unit | TO_LOWER;
  return letter >= 97 && letter <= LOWER_F;
}
