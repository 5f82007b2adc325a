import { decimalRange, floatRange, intRange } from '../types/natural-range.js';
import type { DecimalType, FloatType, IntType } from '../types/type.js';
import { isSupportedYear } from '../values/calendar.js';
import { compareDecimals, fitDecimal, parseDecimal } from '../values/decimal-text.js';
import { parseIntText } from '../values/int-text.js';
import type { Value, ValueFailure } from '../values/value.js';
import { notValid, outOfRange } from './data-failures.js';

type Result = Value | ValueFailure;

const SPECIAL_FLOATS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Reads an integer: a number, with 64 bits only text, because JSON numbers are doubles to most programs. */
export function readInt(type: IntType, json: unknown, path: string): Result {
  const text = type.bitSize === 64 ? integerText(json) : integerNumber(json);
  if (text === undefined) return notValid(path);
  const natural = intRange(type);
  const minimum = type.minimum ?? natural.minimum;
  const maximum = type.maximum ?? natural.maximum;
  const integer = BigInt(text);
  return integer < minimum || integer > maximum ? outOfRange(path, minimum, maximum) : text;
}

function integerText(json: unknown): string | undefined {
  return typeof json === 'string' && /^-?[0-9]{1,30}$/.test(json) ? parseIntText(json) : undefined;
}

function integerNumber(json: unknown): number | undefined {
  return typeof json === 'number' && Number.isInteger(json) ? json + 0 : undefined;
}

/** Reads a float: a number, or the text `NaN`, `Infinity` or `-Infinity`. */
export function readFloat(type: FloatType, json: unknown, path: string): Result {
  const number = typeof json === 'number' && Number.isFinite(json) ? json : SPECIAL_FLOATS.get(json);
  if (number === undefined || (type.real && !Number.isFinite(number))) return notValid(path);
  const rounded = type.bitSize === 32 ? Math.fround(number) : number;
  const natural = floatRange({ bitSize: type.bitSize, real: true });
  const minimum = type.minimum ?? (Number.isFinite(number) ? natural.minimum : -Infinity);
  const maximum = type.maximum ?? (Number.isFinite(number) ? natural.maximum : Infinity);
  const isWithin = rounded >= minimum && rounded <= maximum;
  const isFreeNaN = Number.isNaN(number) && type.minimum === undefined && type.maximum === undefined;
  return isWithin || isFreeNaN ? rounded : outOfRange(path, minimum, maximum);
}

/** Reads a decimal: a number or its text. */
export function readDecimal(type: DecimalType, json: unknown, path: string): Result {
  const isDecimal = typeof json === 'string' || (typeof json === 'number' && Number.isFinite(json));
  const decimal = isDecimal ? parseDecimal(String(json)) : undefined;
  if (decimal === undefined) return notValid(path);
  const fitted = fitDecimal(decimal, type.precision, type.scale ?? 0);
  const { minimum, maximum } = { ...decimalRange(type), ...type };
  const isWithin =
    fitted !== undefined && compareDecimals(fitted, minimum) >= 0 && compareDecimals(fitted, maximum) <= 0;
  return isWithin ? fitted : outOfRange(path, minimum, maximum);
}

export function readYear(json: unknown, path: string): Result {
  if (typeof json !== 'number' || !Number.isInteger(json)) return notValid(path);
  return isSupportedYear(json) ? json : outOfRange(path, 1, 9999);
}
