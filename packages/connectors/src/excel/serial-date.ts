import type { TemporalFormat } from './number-format.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** Day 1 is 1900-01-01. */
const EPOCH_1900 = Date.UTC(1899, 11, 31);
const EPOCH_1904 = Date.UTC(1904, 0, 1);
/** 1900-02-29, which Excel has and the calendar has not. */
const FALSE_DAY = 60;
/** The day after the last one that Excel has, 9999-12-31. */
const MAX_SERIAL = 2_958_466;
/** The first instant that has no year of four digits. */
const END = Date.UTC(10_000, 0, 1);

/**
 * A number of days as Excel counts them, as the text of what its format shows: `2024-01-31`, `2024-01-31 12:30:00`, `12:30:00`,
 * with `.123` where there are milliseconds. null where the number is none: negative, 1900-02-29, after the year 9999.
 */
export function formatSerial(serial: number, format: TemporalFormat, date1904: boolean): string | null {
  if (format === null || !(serial >= 0 && serial < MAX_SERIAL)) return null;
  if (format === 'duration') return formatTime(Math.round(serial * DAY_MS));
  if (format === 'time') return formatTime(Math.round((serial % 1) * DAY_MS) % DAY_MS);
  // A time of 23:59:59.9996 is shown as the next day.
  const milliseconds = Math.round(serial * DAY_MS);
  const days = Math.floor(milliseconds / DAY_MS);
  const date = formatDate(days, date1904);
  if (date === null || format === 'date') return date;
  return `${date} ${formatTime(milliseconds % DAY_MS)}`;
}

function formatDate(days: number, date1904: boolean): string | null {
  if (!date1904 && (days < 1 || days === FALSE_DAY)) return null;
  const instant = date1904 ? EPOCH_1904 + days * DAY_MS : EPOCH_1900 + (days > FALSE_DAY ? days - 1 : days) * DAY_MS;
  return instant < END ? new Date(instant).toISOString().slice(0, 10) : null;
}

/** Hours go beyond 23 in a duration. */
function formatTime(milliseconds: number): string {
  const hours = pad(Math.floor(milliseconds / HOUR_MS), 2);
  const minutes = pad(Math.floor((milliseconds % HOUR_MS) / MINUTE_MS), 2);
  const seconds = pad(Math.floor((milliseconds % MINUTE_MS) / SECOND_MS), 2);
  const fraction = milliseconds % SECOND_MS;
  return `${hours}:${minutes}:${seconds}${fraction === 0 ? '' : `.${pad(fraction, 3)}`}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?)Z?)?$/;

/** The date of a cell that holds it as ISO 8601 text, in the same form; null where it is none. Without a format it decides itself. */
export function formatIsoCell(text: string, format: TemporalFormat): string | null {
  const [, date, written = '00:00:00'] = ISO.exec(text) ?? [];
  if (date === undefined) return null;
  const time = written.replace(/\.0+$/, '');
  if (format === 'date' || (format === null && time === '00:00:00')) return date;
  return format === 'time' ? time : `${date} ${time}`;
}
