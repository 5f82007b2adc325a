import { dayNumber, isDayOfYear, isLeapYear, isSupportedYear } from './calendar.js';
import { datetimeText, type ParsedDatetime, parseRfc3339 } from './datetime-text.js';
import { fractionText } from './digits.js';

const DATE = /^\+?(\d{1,4})(?:-(\d{3})|-(\d{1,2})(?:-(\d{1,2}))?)?$/;
const CLOCK = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * Reads a datetime as people and programs write ISO 8601: `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or the ordinal `YYYY-DDD`, then
 * optionally `T` or a space and `hh[:mm[:ss[.f]]]` with the zone `Z`, `±hh`, `±hhmm` or `±hh:mm`. Without a zone it is UTC;
 * what is left out is the first month, the first day, midnight. A zone of minus zero is refused.
 */
export function parseIso8601(text: string): ParsedDatetime {
  return usualForm(text) ?? anyForm(text);
}

/** Texts of this length have no more than nine digits of a fraction, whatever follows them. */
const SURELY_SHORT_FRACTION = 30;
const MINUS = 45;

/** What programs write; undefined for everything else. It takes a tenth of the time of looking for all forms. */
function usualForm(text: string): ParsedDatetime {
  if (text.length > SURELY_SHORT_FRACTION) return undefined;
  const isBehind = text.charCodeAt(text.length - '-00:00'.length) === MINUS;
  return isBehind && text.endsWith('-00:00') ? undefined : parseRfc3339(text);
}

function anyForm(text: string): ParsedDatetime {
  const separator = text.search(/[T ]/);
  const date = DATE.exec(separator === -1 ? text : text.slice(0, separator));
  if (date === null) return undefined;
  const year = Number(date[1]);
  const day = parseDay(year, date);
  if (day === undefined) return undefined;
  if (separator !== -1) return withClock(day, text.slice(separator + 1));
  return isSupportedYear(year) ? datetimeText(day, 0, '') : null;
}

function parseDay(year: number, [, , ordinal, month = '1', day = '1']: RegExpExecArray): number | undefined {
  if (ordinal === undefined) {
    return isDayOfYear(year, Number(month), Number(day)) ? dayNumber(year, Number(month), Number(day)) : undefined;
  }
  const dayOfYear = Number(ordinal);
  if (dayOfYear < 1 || dayOfYear > (isLeapYear(year) ? 366 : 365)) return undefined;
  return dayNumber(year, 1, 1) + dayOfYear - 1;
}

function withClock(day: number, text: string): ParsedDatetime {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const offset = parseZone(zone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || offset === undefined) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return datetimeText(day, seconds - offset, fractionText(fraction, 0, fraction.length));
}

function parseZone(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  const seconds = hours * 3600 + minutes * 60;
  if (!zone.startsWith('-')) return seconds;
  return seconds === 0 ? undefined : -seconds;
}
