import { dayNumber, pad2 } from '../calendar.js';
import { endOfDigits, isDigit } from '../digits.js';
import { type Directive, literal, NOT_READ, number, oneOf, setField, twoDigitNumber } from './directive.js';
import { epochOf, type Moment } from './time-fields.js';
import { zoneName, zoneOffset } from './zone-directives.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const SHORT_MONTHS = MONTHS.map((month) => month.slice(0, 3));

/** Years of two digits from this one on are of the 20th century, those before it of the 21st. */
const PIVOT_YEAR = 69;
const MINUS = 45;
const MAX_EPOCH_DIGITS = 12;

/** The directives that stand for several others. */
export const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ['T', '%H:%M:%S'],
  ['D', '%m/%d/%y'],
  ['F', '%Y-%m-%d'],
  ['R', '%H:%M'],
]);

/** The directives by their letters, except %f, which depends on what follows it. */
export const DIRECTIVES: ReadonlyMap<string, Directive> = new Map([
  ['Y', number({ field: 'year', minDigits: 4, maxDigits: 4, low: 1, high: 9999 }, ({ year }) => pad(year, 4))],
  ['y', yearOfCentury()],
  ['m', twoDigitNumber('month', [1, 12], ({ month }) => month)],
  ['d', twoDigitNumber('day', [1, 31], ({ day }) => day)],
  ['e', paddedDay()],
  [
    'j',
    number({ field: 'dayOfYear', minDigits: 1, maxDigits: 3, low: 1, high: 366 }, (moment) =>
      pad(dayOfYear(moment), 3),
    ),
  ],
  ['b', oneOf(SHORT_MONTHS, ['month', 1], ({ month }) => month)],
  ['B', oneOf(MONTHS, ['month', 1], ({ month }) => month)],
  ['H', twoDigitNumber('hour', [0, 23], ({ hour }) => hour)],
  ['I', twoDigitNumber('hour12', [1, 12], ({ hour }) => hour % 12 || 12)],
  ['p', oneOf(['AM', 'PM'], ['afternoon', 0], ({ hour }) => Math.floor(hour / 12))],
  ['M', twoDigitNumber('minute', [0, 59], ({ minute }) => minute)],
  ['S', twoDigitNumber('second', [0, 59], ({ second }) => second)],
  ['z', zoneOffset],
  ['Z', zoneName],
  ['s', epochSeconds()],
  ['n', blank('\n')],
  ['t', blank('\t')],
  ['%', literal('%')],
]);

/** A fraction of a second: one to nine digits. */
export function fractionOfSecond(write: (digits: string) => string): Directive {
  const read: Directive['read'] = (text, at, fields) => {
    const end = Math.min(endOfDigits(text, at), at + 9);
    const isRead = end > at && setField(fields, 'nano', Number(text.slice(at, end).padEnd(9, '0')));
    return isRead ? end : NOT_READ;
  };
  return { read, write: ({ fraction }) => write(fraction) };
}

function yearOfCentury(): Directive {
  const read: Directive['read'] = (text, at, fields) => {
    if (!isDigit(text.charCodeAt(at)) || !isDigit(text.charCodeAt(at + 1))) return NOT_READ;
    const year = Number(text.slice(at, at + 2));
    return setField(fields, 'year', year + (year < PIVOT_YEAR ? 2000 : 1900)) ? at + 2 : NOT_READ;
  };
  return { read, write: ({ year }) => pad2(year % 100) };
}

/** A day with a blank instead of a leading zero. */
function paddedDay(): Directive {
  const day = twoDigitNumber('day', [1, 31], (moment) => moment.day);
  return {
    read: (text, at, fields) => day.read(text, text.startsWith(' ', at) ? at + 1 : at, fields),
    write: (moment) => String(moment.day).padStart(2),
  };
}

function epochSeconds(): Directive {
  const read: Directive['read'] = (text, at, fields) => {
    const digits = text.charCodeAt(at) === MINUS ? at + 1 : at;
    const end = endOfDigits(text, digits);
    if (end === digits || end > digits + MAX_EPOCH_DIGITS) return NOT_READ;
    return setField(fields, 'epoch', Number(text.slice(at, end)) + 0) ? end : NOT_READ;
  };
  return { read, write: (moment) => String(epochOf(moment)) };
}

/** Any one white-space character is read, so that lines may end as they like. */
function blank(written: string): Directive {
  return { read: (text, at) => (/^[ \t\n\v\f\r]$/.test(text.charAt(at)) ? at + 1 : NOT_READ), write: () => written };
}

function dayOfYear({ year, dayNumber: day }: Moment): number {
  return day - dayNumber(year, 1, 1) + 1;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
