import { intRange } from '../types/natural-range.js';
import type { IntType, Type } from '../types/type.js';
import { trimDecimal } from '../values/decimal-text.js';
import { fitsInt64, parseIntText, parseSmallInt } from '../values/int-text.js';
import { type JsonKind, jsonNumber } from '../values/json-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { numberCheck } from './constraints.js';
import { fromBoolean, fromJson, fromNumber, fromText, type Site } from './site.js';

type Result = Value | ValueFailure;

/** How a target takes an integer that arrives as canonical decimal text or as a number that is an integer. */
interface IntTarget {
  ofText(text: string): Result;
  ofNumber(number: number): Result;
}

const JSON_INTEGER = /^(-?[0-9]+)(?:\.0)?$/;

/** Doubles beyond these are refused although 64 bits hold a little more: nearer to the limits they round past them. */
const FLOAT_LIMITS = { minimum: -9223372036854776000, maximum: 9223372036854775000, unsigned: 18446744073709550000 };

/** Conversion to int: text and JSON numbers must be integers, decimals integral, floats are rounded half away from zero. */
export function toInt(from: Type, to: IntType, site: Site): Conversion {
  const target = to.bitSize === 64 ? wideTarget(to, site) : narrowTarget(to, site);
  switch (from.kind) {
    case 'string':
      return to.bitSize === 64 ? wideFromText(to, site, target) : narrowFromText(to, site, target);
    case 'boolean':
      return fromBoolean(to, site, target.ofNumber(1), target.ofNumber(0));
    case 'float':
      return fromFloat(to, site, target);
    case 'decimal':
      return fromDecimal(to, site, target);
    case 'json':
      return fromJsonNumber(to, site, target);
    case 'int':
      return from.bitSize === 64 ? fromText(to, site, target.ofText) : fromNumber(to, site, target.ofNumber);
    default:
      return fromNumber(to, site, target.ofNumber);
  }
}

function narrowTarget(to: IntType, site: Site): IntTarget {
  const range = intRange(to);
  const low = Number(range.minimum);
  const high = Number(range.maximum);
  const outOfRange = site.wording.notNumberOf(to);
  const check = numberCheck(to, site.wording);
  const ofNumber = (number: number): Result => {
    if (!(number >= low && number <= high)) return outOfRange;
    return check === undefined ? number : (check(number) ?? number);
  };
  return { ofNumber, ofText: (text) => ofNumber(Number(text)) };
}

/** Bounds are safe integers, so that comparing them with a rounded number still decides rightly. */
function wideTarget(to: IntType, site: Site): IntTarget {
  const unsigned = to.unsigned === true;
  const outOfRange = site.wording.notNumberOf(to);
  const check = numberCheck(to, site.wording);
  const ofText = (text: string): Result => {
    if (!fitsInt64(text, unsigned)) return outOfRange;
    return check === undefined ? text : (check(Number(text)) ?? text);
  };
  return { ofText, ofNumber: (number) => (Number.isInteger(number) ? ofText(String(BigInt(number))) : outOfRange) };
}

function narrowFromText(to: IntType, site: Site, target: IntTarget): Conversion {
  const refused = site.wording.notConvertible(to);
  return fromText(to, site, (text) => {
    const number = parseSmallInt(text);
    return Number.isNaN(number) ? refused : target.ofNumber(number);
  });
}

function wideFromText(to: IntType, site: Site, target: IntTarget): Conversion {
  const refused = site.wording.notConvertible(to);
  return fromText(to, site, (text) => {
    const canonical = parseIntText(text);
    return canonical === undefined ? refused : target.ofText(canonical);
  });
}

function fromFloat(to: IntType, site: Site, target: IntTarget): Conversion {
  const outOfRange = site.wording.notNumberOf(to);
  const minimum = to.unsigned ? 0 : FLOAT_LIMITS.minimum;
  const maximum = to.unsigned ? FLOAT_LIMITS.unsigned : FLOAT_LIMITS.maximum;
  return fromNumber(to, site, (number) => {
    const rounded = number < 0 ? 0 - Math.round(-number) : Math.round(number) + 0;
    return rounded >= minimum && rounded <= maximum ? target.ofNumber(rounded) : outOfRange;
  });
}

function fromDecimal(to: IntType, site: Site, target: IntTarget): Conversion {
  const outOfRange = site.wording.notNumberOf(to);
  return fromText(to, site, (decimal) => {
    const trimmed = trimDecimal(decimal);
    return trimmed.includes('.') ? outOfRange : target.ofText(trimmed);
  });
}

function fromJsonNumber(to: IntType, site: Site, target: IntTarget): Conversion {
  const refused = site.wording.notConvertible(to);
  const outOfRange = site.wording.notNumberOf(to);
  return fromJson(to, site, (json: string, kind: JsonKind) => {
    if (kind !== 'number') return refused;
    const digits = JSON_INTEGER.exec(jsonNumber(json))?.[1];
    const text = digits === undefined ? undefined : parseIntText(digits);
    return text === undefined ? outOfRange : target.ofText(text);
  });
}
