import { dayNumber, isDayOfYear, isLeapYear, isSupportedYear } from '../calendar.js';
import { datetimeText } from '../datetime-text.js';
import { fourDigits, fractionText, twoDigits } from '../digits.js';

/** What a text has said so far about a point in time; what it has not said is undefined. */
export interface TimeFields {
  year?: number | undefined;
  month?: number | undefined;
  day?: number | undefined;
  dayOfYear?: number | undefined;
  hour?: number | undefined;
  /** 1 to 12, together with `afternoon`. */
  hour12?: number | undefined;
  /** 0 before noon, 1 after. */
  afternoon?: number | undefined;
  minute?: number | undefined;
  second?: number | undefined;
  /** Nanoseconds. */
  nano?: number | undefined;
  /** Seconds that the zone is ahead of UTC. */
  offset?: number | undefined;
  /** Seconds since 1970; nothing else but `nano` is said then. */
  epoch?: number | undefined;
}

/** A point in time taken apart, in UTC. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Days since 1970-01-01. */
  readonly dayNumber: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the point without zeros at their end; '' for a whole second. */
  readonly fraction: string;
}

const DAY_SECONDS = 86_400;

/** Takes a canonical datetime apart; a canonical date is the start of its day. */
export function momentOf(datetime: string): Moment {
  const [year, month, day] = [fourDigits(datetime, 0), twoDigits(datetime, 5), twoDigits(datetime, 8)];
  const hasClock = datetime.length > 10;
  return {
    year,
    month,
    day,
    dayNumber: dayNumber(year, month, day),
    hour: hasClock ? twoDigits(datetime, 11) : 0,
    minute: hasClock ? twoDigits(datetime, 14) : 0,
    second: hasClock ? twoDigits(datetime, 17) : 0,
    fraction: datetime.slice(20),
  };
}

/** Seconds since 1970, rounded down. */
export function epochOf({ dayNumber: day, hour, minute, second }: Moment): number {
  return day * DAY_SECONDS + hour * 3600 + minute * 60 + second;
}

/**
 * The canonical datetime that the fields say; undefined when they contradict each other or there is no such time. What is
 * missing is 1970, the first month, the first day, midnight, UTC.
 */
export function datetimeOf(fields: TimeFields): string | undefined {
  const nano = String(fields.nano ?? 0).padStart(9, '0');
  const fraction = fractionText(nano, 0, 9);
  if (fields.epoch !== undefined) return datetimeText(0, fields.epoch, fraction) ?? undefined;
  const day = dayOf(fields);
  const hour = hourOf(fields);
  if (day === undefined || hour === undefined) return undefined;
  const { minute = 0, second = 0, offset = 0 } = fields;
  return datetimeText(day, hour * 3600 + minute * 60 + second - offset, fraction) ?? undefined;
}

function dayOf({ year = 1970, month, day, dayOfYear }: TimeFields): number | undefined {
  if (!isSupportedYear(year)) return undefined;
  if (dayOfYear === undefined) {
    return isDayOfYear(year, month ?? 1, day ?? 1) ? dayNumber(year, month ?? 1, day ?? 1) : undefined;
  }
  if (dayOfYear > (isLeapYear(year) ? 366 : 365)) return undefined;
  const found = dayNumber(year, 1, 1) + dayOfYear - 1;
  const agrees =
    (month === undefined || month === monthOf(found, year)) && (day === undefined || day === dayIn(found, year));
  return agrees ? found : undefined;
}

function monthOf(day: number, year: number): number {
  let month = 12;
  while (dayNumber(year, month, 1) > day) month--;
  return month;
}

function dayIn(day: number, year: number): number {
  return day - dayNumber(year, monthOf(day, year), 1) + 1;
}

function hourOf({ hour, hour12, afternoon }: TimeFields): number | undefined {
  if (afternoon === undefined) return hour ?? 0;
  if (hour12 === undefined) return hour === undefined || Number(hour >= 12) === afternoon ? (hour ?? 0) : undefined;
  const found = (hour12 % 12) + afternoon * 12;
  return hour === undefined || hour === found ? found : undefined;
}
