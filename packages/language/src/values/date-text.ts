import { dateOfDay, dateText, dayNumber, isDayOfYear, isSupportedYear } from './calendar.js';
import type { ParsedDatetime } from './datetime-text.js';
import { fourDigits, twoDigits } from './digits.js';

const DASH = 45;
const SERIAL = /^\d+(?:\.\d+)?$/;

/** Day 0 of the serial numbers of spreadsheets. */
const SERIAL_EPOCH = dayNumber(1899, 12, 31);

/** A date has the results of a datetime: undefined when the text cannot be read, null when the year is out of range. */
export type ParsedDate = ParsedDatetime;

/** Reads exactly `YYYY-MM-DD`. */
export function parseIsoDate(text: string): ParsedDate {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return undefined;
  const year = fourDigits(text, 0);
  if (year < 0 || !isDayOfYear(year, twoDigits(text, 5), twoDigits(text, 8))) return undefined;
  return isSupportedYear(year) ? text : null;
}

/** Reads `YYYY-MM-DD`, `MM/DD/YYYY`, `MM.DD.YYYY`, or the serial number of a day in a spreadsheet. */
export function parseDate(text: string): ParsedDate {
  if (text.length === 10) return text.charCodeAt(4) === DASH ? parseIsoDate(text) : parseMonthFirst(text);
  return parseSerialDate(text);
}

function parseMonthFirst(text: string): ParsedDate {
  const separator = text.charAt(2);
  if ((separator !== '/' && separator !== '.') || text.charAt(5) !== separator) return undefined;
  const year = fourDigits(text, 6);
  const month = twoDigits(text, 0);
  const day = twoDigits(text, 3);
  if (year < 0 || !isDayOfYear(year, month, day)) return undefined;
  return isSupportedYear(year) ? dateText(year, month, day) : null;
}

/**
 * Spreadsheets count days from 1899-12-31 and believe in a 29 February 1900, day 60, which is refused; the time of day after
 * the point is dropped. Texts of 8 characters are too likely to be another way to write a date, shorter than 3 to be a number.
 */
function parseSerialDate(text: string): ParsedDate {
  if (text.length < 3 || text.length === 8 || !SERIAL.test(text)) return undefined;
  const day = dayOfSerial(Math.floor(Number(text)));
  return day === undefined ? undefined : (dateOfDay(day) ?? null);
}

/** Number of the day that has a whole serial number; undefined for the 29 February 1900 that never was. */
export function dayOfSerial(serial: number): number | undefined {
  if (serial === 60) return undefined;
  return SERIAL_EPOCH + (serial > 60 ? serial - 1 : serial);
}

/** The whole serial number of a day, the reverse of {@link dayOfSerial}. */
export function serialOfDay(day: number): number {
  const serial = day - SERIAL_EPOCH;
  return serial >= 60 ? serial + 1 : serial;
}
