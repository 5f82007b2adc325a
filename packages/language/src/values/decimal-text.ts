/**
 * Decimals are exact and therefore text: an optional `-`, an integer part without superfluous zeros, and an optional fraction
 * after a point. No exponent, no `+`, no negative zero. Zeros at the end of a fraction are kept as the source wrote them.
 */

const GRAMMAR = /^([+-]?)(0|[1-9][0-9]*)?(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/;

/** Digits beyond which a number is no longer expanded: text like `1e999999999` must not fill the memory. */
const MAX_EXPANDED_DIGITS = 1000;

/**
 * Reads a decimal: optional sign, integer part without leading zeros (which may be empty when a fraction follows), fraction,
 * exponent. Returns its canonical text, or undefined when the text is no decimal or its expansion would be absurdly long.
 */
export function parseDecimal(text: string): string | undefined {
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const shifted = shiftPoint(whole, fraction, exponent === undefined ? 0 : Number(exponent));
  return shifted === undefined || sign !== '-' || isZero(shifted) ? shifted : `-${shifted}`;
}

function shiftPoint(whole: string, fraction: string, exponent: number): string | undefined {
  if (exponent === 0) return joinParts(whole, fraction);
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (isZero(digits)) return '0';
  if (Math.max(digits.length, point, digits.length - point) > MAX_EXPANDED_DIGITS) return undefined;
  if (point <= 0) return joinParts('', '0'.repeat(-point) + digits);
  return joinParts(digits.slice(0, point).padEnd(point, '0').replace(/^0+/, ''), digits.slice(point));
}

function joinParts(whole: string, fraction: string): string {
  const integer = whole === '' ? '0' : whole;
  return fraction === '' ? integer : `${integer}.${fraction}`;
}

function isZero(digits: string): boolean {
  return !/[1-9]/.test(digits);
}

/** Cuts the zeros at the end of the fraction of a canonical decimal. */
export function trimDecimal(decimal: string): string {
  if (!decimal.includes('.')) return decimal;
  let end = decimal.length;
  while (decimal.charCodeAt(end - 1) === 48) end--;
  if (decimal.charCodeAt(end - 1) === 46) end--;
  return decimal.slice(0, end);
}

/**
 * Fits a canonical decimal into a precision and a scale: digits beyond the scale must be zeros and are cut, and the integer
 * part may have at most `precision - scale` digits. Returns undefined when it does not fit.
 */
export function fitDecimal(decimal: string, precision: number, scale: number): string | undefined {
  const point = decimal.indexOf('.');
  const end = point === -1 ? decimal.length : point;
  const negative = decimal.charCodeAt(0) === 45 ? 1 : 0;
  const wholeDigits = end - negative === 1 && decimal.charCodeAt(negative) === 48 ? 0 : end - negative;
  if (wholeDigits > precision - scale) return undefined;
  if (point === -1 || decimal.length - point - 1 <= scale) return decimal;
  const trimmed = trimDecimal(decimal);
  return trimmed.length - point - 1 <= scale ? trimmed : undefined;
}

/** Orders two canonical decimals by value: negative, zero or positive, as sort wants it. */
export function compareDecimals(a: string, b: string): number {
  const negativeA = a.charCodeAt(0) === 45;
  const negativeB = b.charCodeAt(0) === 45;
  if (negativeA !== negativeB) return negativeA ? -1 : 1;
  return negativeA ? compareMagnitudes(b.slice(1), a.slice(1)) : compareMagnitudes(a, b);
}

function compareMagnitudes(a: string, b: string): number {
  const wholeA = wholeLength(a);
  const wholeB = wholeLength(b);
  if (wholeA !== wholeB) return wholeA - wholeB;
  const textA = trimDecimal(a);
  const textB = trimDecimal(b);
  if (textA === textB) return 0;
  return textA < textB ? -1 : 1;
}

function wholeLength(magnitude: string): number {
  const point = magnitude.indexOf('.');
  return point === -1 ? magnitude.length : point;
}

/** Whether a text is, as it stands, a canonical decimal of at most 15 characters other than a negative zero. */
export function isShortDecimal(text: string): boolean {
  if (text.length > 15) return false;
  const start = text.charCodeAt(0) === 45 ? 1 : 0;
  if (text.charCodeAt(start) === 48 && (start === 1 || (text.length > 1 && text.charCodeAt(1) !== 46))) return false;
  let point = -1;
  for (let index = start; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 46 && point === -1 && index > start) point = index;
    else if (unit < 48 || unit > 57) return false;
  }
  return text.length > start && point !== text.length - 1;
}
