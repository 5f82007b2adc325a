/** The number that two digits at a position spell; -1 when they are not both digits. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** The number that four digits at a position spell; -1 when they are not all digits. */
export function fourDigits(text: string, at: number): number {
  const high = twoDigits(text, at);
  const low = twoDigits(text, at + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

/** Position after the digits that start at a position. */
export function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return end;
}

export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/**
 * The fraction of a second as canonical values have it, with its point: at most nine digits (more are cut, as a clock would),
 * no zeros at its end, '' when nothing is left. `start` is the first digit.
 */
export function fractionText(text: string, start: number, end: number): string {
  let last = Math.min(end, start + 9);
  while (last > start && text.charCodeAt(last - 1) === 48) last--;
  return last === start ? '' : `.${text.slice(start, last)}`;
}
