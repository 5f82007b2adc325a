import { dateOfDay, dayNumber, isDayOfYear, isSupportedYear, pad2 } from './calendar.js';
import { endOfDigits, fourDigits, fractionText, twoDigits } from './digits.js';

/** A canonical datetime; undefined when the text cannot be read, null when its year is not within 1 and 9999. */
export type ParsedDatetime = string | undefined | null;

const BLANK = 32;
const DASH = 45;
const COLON = 58;
const POINT = 46;
const UPPER_T = 84;
const UPPER_Z = 90;

/**
 * Reads `YYYY-MM-DDThh:mm:ss[.f]` with the zone `Z` or `±hh:mm`, which is required, and turns it into UTC. Strict: no blanks,
 * no lower case, no leap second. A fraction beyond nanoseconds is cut.
 */
export function parseRfc3339(text: string): ParsedDatetime {
  if (text.charCodeAt(10) !== UPPER_T || !startsWithDate(text) || !hasClock(text, 11)) return undefined;
  let zone = 19;
  let fraction = '';
  if (text.charCodeAt(19) === POINT) {
    zone = endOfDigits(text, 20);
    if (zone === 20) return undefined;
    fraction = fractionText(text, 20, zone);
  }
  if (text.charCodeAt(zone) === UPPER_Z) return zone + 1 === text.length ? utcText(text, fraction) : undefined;
  const offset = parseOffset(text, zone);
  if (offset === undefined) return undefined;
  return offset === 0 ? utcText(text, fraction) : shiftedText(text, offset, fraction);
}

function startsWithDate(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  const year = fourDigits(text, 0);
  return year >= 0 && isDayOfYear(year, twoDigits(text, 5), twoDigits(text, 8));
}

/** Whether `hh:mm:ss` stands at a position. */
export function hasClock(text: string, at: number): boolean {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return false;
  const hour = twoDigits(text, at);
  const minute = twoDigits(text, at + 3);
  const second = twoDigits(text, at + 6);
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
}

/** Seconds of `±hh:mm` from a position to the end of the text. */
function parseOffset(text: string, at: number): number | undefined {
  const sign = text.charAt(at);
  if (text.length !== at + 6 || (sign !== '+' && sign !== '-') || text.charCodeAt(at + 3) !== COLON) return undefined;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  const seconds = hours * 3600 + minutes * 60;
  return sign === '-' ? -seconds : seconds;
}

function utcText(text: string, fraction: string): ParsedDatetime {
  if (text.startsWith('0000')) return null;
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${fraction}`;
}

function shiftedText(text: string, offset: number, fraction: string): ParsedDatetime {
  const day = dayNumber(fourDigits(text, 0), twoDigits(text, 5), twoDigits(text, 8));
  const second = twoDigits(text, 11) * 3600 + twoDigits(text, 14) * 60 + twoDigits(text, 17);
  return datetimeText(day, second - offset, fraction);
}

/** Canonical datetime of a second that is counted from the start of a day and may lie before or after it. */
export function datetimeText(day: number, second: number, fraction: string): ParsedDatetime {
  const days = Math.floor(second / 86400);
  const rest = second - days * 86400;
  const date = dateOfDay(day + days);
  if (date === undefined) return null;
  const minutes = Math.floor(rest / 60);
  return `${date} ${pad2(Math.floor(minutes / 60))}:${pad2(minutes % 60)}:${pad2(rest % 60)}${fraction}`;
}

/** Whether a text is, as it stands, a canonical datetime with the whole second or a fraction. */
export function isCanonicalDatetime(text: string): boolean {
  if (text.charCodeAt(10) !== BLANK || !startsWithDate(text) || !hasClock(text, 11) || text.startsWith('0000'))
    return false;
  if (text.length === 19) return true;
  const digits = text.length - 20;
  return (
    text.charCodeAt(19) === POINT && digits > 0 && fractionText(text, 20, endOfDigits(text, 20)).length === digits + 1
  );
}

/** The canonical datetime of milliseconds since 1970 in UTC, which are an integer. */
export function datetimeOfMs(ms: number): ParsedDatetime {
  const seconds = Math.floor(ms / 1000);
  const fraction = String(ms - seconds * 1000).padStart(3, '0');
  return datetimeText(0, seconds, fractionText(fraction, 0, 3));
}

/** The RFC 3339 text of a canonical datetime. */
export function rfc3339Text(datetime: string): string {
  return `${datetime.slice(0, 10)}T${datetime.slice(11)}Z`;
}

/**
 * Orders canonical datetimes and dates: negative, zero or positive, as sort wants it. A date is the start of its day. Their
 * texts compare as the instants do, because fractions have no zeros at their end.
 */
export function compareDatetimes(a: string, b: string): number {
  if (a === b) return 0;
  const left = a.length === 10 ? `${a} 00:00:00` : a;
  const right = b.length === 10 ? `${b} 00:00:00` : b;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether a canonical date or datetime lies in a year that the language supports. */
export function hasSupportedYear(text: string): boolean {
  return isSupportedYear(fourDigits(text, 0));
}
