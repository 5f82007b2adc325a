import type { RawField } from '@penstock/engine';
import type { ValueFailure } from '@penstock/language';
import { clockText, DayTexts } from './clock-text.js';
import type { DecodePlain } from './plain-bytes.js';
import { refuse } from './refuse.js';

const INT32_BYTES = 4;
const INT64_BYTES = 8;
const INT96_BYTES = 12;
const TWO_TO_32 = 2 ** 32;
const SECONDS_PER_DAY = 86_400;
const MILLI_DIGITS = 3;
const MILLIS = 10 ** MILLI_DIGITS;
const NANO_DIGITS = 9;
const NANOS = 10 ** NANO_DIGITS;
/** Number of the Julian day 1970-01-01. */
const JULIAN_EPOCH = 2_440_588;

/** Digits of a part of a second in the units of the format: 1 milliseconds, 2 microseconds, 3 nanoseconds. */
const UNIT_DIGITS = [undefined, MILLI_DIGITS, 6, NANO_DIGITS];

/** undefined: there is no such unit. */
export function digitsOf(unit: number | undefined): number | undefined {
  return unit === undefined ? undefined : UNIT_DIGITS[unit];
}

export function decodeDate(property: string): DecodePlain {
  const days = new DayTexts(yearOutOfRange(property));
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT32_BYTES);
    for (let index = 0; index < count; index += 1, at += INT32_BYTES) out[index] = days.text(view.getInt32(at, true));
  };
}

/** Integers of 64 bits that count parts of a second since 1970, without a loss although a number would not hold them. */
export function decodeTimestamp(property: string, digits: number): DecodePlain {
  const days = new DayTexts(yearOutOfRange(property));
  const perSecond = 10 ** digits;
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT64_BYTES);
    for (let index = 0; index < count; index += 1, at += INT64_BYTES) {
      const seconds = wholeSeconds(view, at, perSecond);
      out[index] = days.datetime(seconds, partOfSecond(view, at, seconds, perSecond), digits);
    }
  };
}

/** Nanoseconds of the day, and its Julian number. */
export function decodeInt96(property: string): DecodePlain {
  const days = new DayTexts(yearOutOfRange(property));
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT96_BYTES);
    for (let index = 0; index < count; index += 1, at += INT96_BYTES) {
      const midnight = (view.getInt32(at + INT64_BYTES, true) - JULIAN_EPOCH) * SECONDS_PER_DAY;
      const seconds = wholeSeconds(view, at, NANOS);
      out[index] = days.datetime(midnight + seconds, partOfSecond(view, at, seconds, NANOS), NANO_DIGITS);
    }
  };
}

/** Times of the day; milliseconds have 32 bits, finer units 64. */
export function decodeTime(property: string, digits: number): DecodePlain {
  const message = `time of property "${property}" is not between 00:00:00 and 23:59:59.999999999`;
  const outOfRange = refuse('TimeOutOfRange', message);
  const text = (seconds: number, part: number): RawField =>
    seconds >= 0 && seconds < SECONDS_PER_DAY ? clockText(seconds, part, digits) : outOfRange;
  if (digits === MILLI_DIGITS) return decodeMillis(text);
  const perSecond = 10 ** digits;
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT64_BYTES);
    for (let index = 0; index < count; index += 1, at += INT64_BYTES) {
      const seconds = wholeSeconds(view, at, perSecond);
      out[index] = text(seconds, partOfSecond(view, at, seconds, perSecond));
    }
  };
}

function decodeMillis(text: (seconds: number, part: number) => RawField): DecodePlain {
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT32_BYTES);
    for (let index = 0; index < count; index += 1, at += INT32_BYTES) {
      const value = view.getInt32(at, true);
      const seconds = Math.floor(value / MILLIS);
      out[index] = text(seconds, value - seconds * MILLIS);
    }
  };
}

/**
 * The whole seconds of the signed integer of 64 bits at a place, which counts parts of a second. The number that comes close to it
 * gives seconds that are wrong by one at most; the part, which is exact, tells.
 */
function wholeSeconds(view: DataView, at: number, perSecond: number): number {
  const close = view.getInt32(at + INT32_BYTES, true) * TWO_TO_32 + view.getUint32(at, true);
  const seconds = Math.floor(close / perSecond);
  const part = partOfSecond(view, at, seconds, perSecond);
  if (part < 0) return seconds - 1;
  return part < perSecond ? seconds : seconds + 1;
}

/** What is left beyond so many seconds; it is computed modulo 2^32, where it fits. */
function partOfSecond(view: DataView, at: number, seconds: number, perSecond: number): number {
  return (view.getUint32(at, true) - Math.imul(seconds, perSecond)) | 0;
}

function yearOutOfRange(property: string): ValueFailure {
  return refuse('YearOutOfRange', `year of property "${property}" is not in range [1,9999]`);
}
