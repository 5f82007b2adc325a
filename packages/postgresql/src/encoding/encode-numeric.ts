import type { Value } from '@penstock/language';
import { RefusedValue, type WireBuffer } from './wire-buffer.js';

const MINUS = 45;
const NEGATIVE = 0x4000;
const GROUP_DIGITS = 4;

/**
 * Decimal text as PostgreSQL receives it: groups of four decimal digits on both sides of the point. The weight is the power
 * of 10,000 of the first group. Groups of zeros at either end are allowed; the server drops them.
 */
export function encodeNumeric(value: Value, out: WireBuffer): void {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw new RefusedValue('value is not a decimal');
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const point = text.indexOf('.');
  const end = point < 0 ? text.length : point;
  const scale = point < 0 ? 0 : text.length - point - 1;
  if (end === start) throw new RefusedValue('value is not a decimal');
  const wholeGroups = Math.ceil((end - start) / GROUP_DIGITS);
  const groups = wholeGroups + Math.ceil(scale / GROUP_DIGITS);
  out.reserve(12 + 2 * groups);
  out.int32(8 + 2 * groups);
  out.int16(groups);
  out.int16(wholeGroups - 1);
  out.int16(start === 1 ? NEGATIVE : 0);
  out.int16(scale);
  // The first group before the point may have fewer digits, the last one behind it lacks its zeros.
  for (let to = end - GROUP_DIGITS * (wholeGroups - 1); to <= end; to += GROUP_DIGITS) {
    out.int16(digits(text, Math.max(start, to - GROUP_DIGITS), to));
  }
  for (let from = end + 1; from < text.length; from += GROUP_DIGITS) {
    out.int16(digits(text, from, from + GROUP_DIGITS));
  }
}

/** The number that the digits from..to say, with zeros for those behind the end of the text. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let index = from; index < to; index++) {
    const digit = index < text.length ? text.charCodeAt(index) - 48 : 0;
    if (digit < 0 || digit > 9) throw new RefusedValue('value is not a decimal');
    number = number * 10 + digit;
  }
  return number;
}
