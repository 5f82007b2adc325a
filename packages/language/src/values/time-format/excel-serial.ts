import { dayOfSerial, serialOfDay } from '../date-text.js';
import { datetimeText } from '../datetime-text.js';
import { parseDecimal } from '../decimal-text.js';
import { fractionText } from '../digits.js';
import { epochOf, momentOf } from './time-fields.js';

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;

/**
 * Reads the serial number of a spreadsheet: days, and as fraction the time of day, rounded to milliseconds because the number
 * is a float. Undefined for other texts, for day 60 (a 29 February 1900) and beyond the year 9999.
 */
export function parseExcelSerial(text: string): string | undefined {
  const decimal = parseDecimal(text);
  if (decimal === undefined || decimal.startsWith('-')) return undefined;
  const [whole = '', fraction = ''] = decimal.split('.');
  const day = dayOfSerial(Number(whole));
  if (day === undefined) return undefined;
  const ms = Math.round(Number(`0.${fraction}`) * DAY_MS);
  const seconds = Math.floor(ms / 1000);
  return datetimeText(day, seconds, fractionText(String(ms % 1000).padStart(3, '0'), 0, 3)) ?? undefined;
}

/** The serial number of a datetime, up to milliseconds. */
export function formatExcelSerial(datetime: string): string {
  const moment = momentOf(datetime);
  const seconds = epochOf(moment) - moment.dayNumber * DAY_SECONDS;
  const ms = seconds * 1000 + Number(moment.fraction.padEnd(3, '0').slice(0, 3));
  return String(serialOfDay(moment.dayNumber) + ms / DAY_MS);
}
