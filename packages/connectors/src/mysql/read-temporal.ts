import { type Value, ValueFailure } from '@penstock/language';

/** Values of one column that the source can hold and the type cannot. Made once, not for each record. */
export interface TemporalFailures {
  readonly year: ValueFailure;
  readonly partlyZero: ValueFailure;
  readonly noDay: ValueFailure;
  readonly time: ValueFailure;
}

export function temporalFailures(property: string): TemporalFailures {
  return {
    year: refuse('YearOutOfRange', `year of property "${property}" is not in range [1,9999]`),
    partlyZero: refuse('ZeroInDate', `date of property "${property}" has no month or no day`),
    noDay: refuse('NotDate', `date of property "${property}" is not a day of the calendar`),
    time: refuse('TimeOutOfRange', `time of property "${property}" is not in range [00:00:00,23:59:59.999999]`),
  };
}

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
/** Days that every month has. */
const SHORTEST_MONTH = 28;

/** Lengths of a datetime without a time, and with one but without a fraction. */
const DATE_BYTES = 4;
const SECONDS_BYTES = 7;

/**
 * A date of `length` bytes. The date whose parts are all zero is what MySQL writes when there is none: null. One of which a
 * part is zero cannot be represented.
 */
export function readDate(bytes: Buffer, at: number, length: number, failures: TemporalFailures): Value | ValueFailure {
  if (length < DATE_BYTES) return null;
  const year = byte(bytes, at) + byte(bytes, at + 1) * 256;
  const month = byte(bytes, at + 2);
  const day = byte(bytes, at + 3);
  if (month === 0 || day === 0) return year === 0 && month === 0 && day === 0 ? null : failures.partlyZero;
  if (year === 0 || year > 9999) return failures.year;
  if (day > SHORTEST_MONTH && day > daysOf(year, month)) return failures.noDay;
  return `${year < 1000 ? String(year).padStart(4, '0') : year}-${two(month)}-${two(day)}`;
}

/** A datetime of `length` bytes: the parts at the end that are zero are left out. */
export function readDatetime(
  bytes: Buffer,
  at: number,
  length: number,
  failures: TemporalFailures,
): Value | ValueFailure {
  const date = readDate(bytes, at, length, failures);
  if (typeof date !== 'string') return date;
  if (length < SECONDS_BYTES) return `${date} 00:00:00`;
  const time = `${date} ${two(byte(bytes, at + 4))}:${two(byte(bytes, at + 5))}:${two(byte(bytes, at + 6))}`;
  return length === SECONDS_BYTES ? time : time + fraction(bytes.readUInt32LE(at + 7));
}

/** A time of `length` bytes: sign, days, hours, minutes, seconds, microseconds. It may be a span of days, or negative. */
export function readTime(bytes: Buffer, at: number, length: number, failures: TemporalFailures): Value | ValueFailure {
  if (length === 0) return '00:00:00';
  const negative = byte(bytes, at) !== 0;
  if (negative || bytes.readUInt32LE(at + 1) !== 0) return failures.time;
  const time = `${two(byte(bytes, at + 5))}:${two(byte(bytes, at + 6))}:${two(byte(bytes, at + 7))}`;
  return length === 8 ? time : time + fraction(bytes.readUInt32LE(at + 8));
}

/** Canonical values have no zeros at the end of a fraction. */
function fraction(microseconds: number): string {
  if (microseconds === 0) return '';
  const digits = String(microseconds).padStart(6, '0');
  return `.${microseconds % 10 === 0 ? digits.replace(/0+$/, '') : digits}`;
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function two(number: number): string {
  return TWO_DIGITS[number] ?? String(number);
}

function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0;
}

function refuse(code: string, message: string): ValueFailure {
  return new ValueFailure('InputValidation', code, message);
}
