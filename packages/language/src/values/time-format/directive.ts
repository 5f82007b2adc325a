import { pad2 } from '../calendar.js';
import { endOfDigits } from '../digits.js';
import type { Moment, TimeFields } from './time-fields.js';

/** A piece of a pattern: how it is read from a text and how it is written. */
export interface Directive {
  /** Reads at a position and sets fields; the position after what it read, {@link NOT_READ} when it is not there. */
  readonly read: (text: string, at: number, fields: TimeFields) => number;
  readonly write: (moment: Moment) => string;
}

export const NOT_READ = -1;

interface NumberFormat {
  readonly field: keyof TimeFields;
  readonly minDigits: number;
  readonly maxDigits: number;
  readonly low: number;
  readonly high: number;
}

/** Sets a field; false when the text has already said something else. */
export function setField(fields: TimeFields, field: keyof TimeFields, value: number): boolean {
  if (fields[field] !== undefined) return fields[field] === value;
  fields[field] = value;
  return true;
}

/** Characters that stand for themselves. */
export function literal(characters: string): Directive {
  return {
    read: (text, at) => (text.startsWith(characters, at) ? at + characters.length : NOT_READ),
    write: () => characters,
  };
}

/** A number of a fixed or a greatest number of digits. */
export function number(format: NumberFormat, write: (moment: Moment) => string): Directive {
  const { field, minDigits, maxDigits, low, high } = format;
  const read: Directive['read'] = (text, at, fields) => {
    const end = Math.min(endOfDigits(text, at), at + maxDigits);
    if (end - at < minDigits) return NOT_READ;
    const value = Number(text.slice(at, end));
    return value >= low && value <= high && setField(fields, field, value) ? end : NOT_READ;
  };
  return { read, write };
}

/** A number of one or two digits, written with two. */
export function twoDigitNumber(
  field: keyof TimeFields,
  [low, high]: readonly [number, number],
  value: (moment: Moment) => number,
): Directive {
  return number({ field, minDigits: 1, maxDigits: 2, low, high }, (moment) => pad2(value(moment)));
}

/** One of several names in upper or lower case; the first stands for `firstValue`, the next for one more. */
export function oneOf(
  names: readonly string[],
  [field, firstValue]: readonly [keyof TimeFields, number],
  value: (moment: Moment) => number,
): Directive {
  const lower = names.map((name) => name.toLowerCase());
  const read: Directive['read'] = (text, at, fields) => {
    const index = lower.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name);
    const name = lower[index];
    return name !== undefined && setField(fields, field, index + firstValue) ? at + name.length : NOT_READ;
  };
  return { read, write: (moment) => names[value(moment) - firstValue] ?? '' };
}
