import type { Value } from '@penstock/language';
import { RefusedValue, type WireBuffer } from './wire-buffer.js';

/** PostgreSQL counts days from 2000-01-01, the day 2,451,545 of the Julian calendar. */
const EPOCH_JULIAN_DAY = 2_451_545;
const DAY_US = 86_400_000_000;
/** The values of one half of an integer of 64 bits. */
const HALF = 0x1_0000_0000;
/** PostgreSQL keeps microseconds: digits beyond them are dropped, because a cursor must never be rounded up. */
const LAST_FRACTION_DIGIT = 6;

/** `YYYY-MM-DD` as days. */
export function encodeDate(value: Value, out: WireBuffer): void {
  const text = instantText(value);
  out.int32(4);
  out.int32(daysAt(text));
}

/** `hh:mm:ss[.f]` as microseconds of the day. */
export function encodeTime(value: Value, out: WireBuffer): void {
  const text = instantText(value);
  out.int32(8);
  out.int64(microsecondsAt(text, 0));
}

/** `YYYY-MM-DD hh:mm:ss[.f]` as microseconds. */
export function encodeDatetime(value: Value, out: WireBuffer): void {
  const text = instantText(value);
  const microseconds = microsecondsAt(text, 11);
  const days = daysAt(text) * DAY_US;
  // The microseconds of whole days have so many factors of two that they are exact in any year; their sum with others is not.
  const high = Math.floor(days / HALF);
  const low = days - high * HALF + microseconds;
  const carry = Math.floor(low / HALF);
  out.int32(8);
  out.int32(high + carry);
  out.int32(low - carry * HALF);
}

function instantText(value: Value): string {
  if (typeof value !== 'string') throw new RefusedValue('value is not a date or time');
  return value;
}

function daysAt(text: string): number {
  const year = digits2(text, 0) * 100 + digits2(text, 2);
  const month = digits2(text, 5);
  const day = digits2(text, 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) throw new RefusedValue('value is not a date');
  return julianDay(year, month, day) - EPOCH_JULIAN_DAY;
}

/** Years count from March, so that the leap day is the last of its year. */
function julianDay(year: number, month: number, day: number): number {
  const shiftedYear = (month > 2 ? year : year - 1) + 4800;
  const shiftedMonth = month > 2 ? month + 1 : month + 13;
  const century = (shiftedYear / 100) | 0;
  const leapDays = ((shiftedYear / 4) | 0) - century + ((century / 4) | 0);
  return shiftedYear * 365 - 32_167 + leapDays + (((7834 * shiftedMonth) / 256) | 0) + day;
}

function microsecondsAt(text: string, start: number): number {
  const hour = digits2(text, start);
  const minute = digits2(text, start + 3);
  const second = digits2(text, start + 6);
  if (!(hour < 24 && minute < 60 && second < 60)) throw new RefusedValue('value is not a time');
  const fraction = text.length > start + 9 ? fractionAt(text, start + 9) : 0;
  return (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction;
}

function fractionAt(text: string, start: number): number {
  const end = Math.min(text.length, start + LAST_FRACTION_DIGIT);
  let fraction = 0;
  for (let index = start; index < start + LAST_FRACTION_DIGIT; index++) {
    fraction = fraction * 10 + (index < end ? text.charCodeAt(index) - 48 : 0);
  }
  if (!(fraction >= 0 && fraction < 1_000_000)) throw new RefusedValue('value is not a time');
  return fraction;
}

/** NaN where the text ends before, which no comparison accepts. */
function digits2(text: string, index: number): number {
  return (text.charCodeAt(index) - 48) * 10 + text.charCodeAt(index + 1) - 48;
}
