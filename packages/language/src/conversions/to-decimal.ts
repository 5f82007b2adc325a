import type { DecimalType, IntType, Type } from '../types/type.js';
import { fitDecimal, isShortDecimal, parseDecimal } from '../values/decimal-text.js';
import { jsonNumber } from '../values/json-text.js';
import { roundFloat } from '../values/round-float.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { decimalCheck } from './constraints.js';
import { fromJson, fromNumber, fromText, type Site } from './site.js';

type DecimalResult = (decimal: string) => Value | ValueFailure;

/**
 * Conversion to decimal. Text, JSON numbers and other decimals must fit precision and scale without rounding; floats are rounded
 * half to even from their exact binary value.
 */
export function toDecimal(from: Type, to: DecimalType, site: Site): Conversion {
  const finish = finishDecimal(to, site);
  switch (from.kind) {
    case 'string':
      return fromDecimalText(to, site, finish);
    case 'json':
      return fromJsonNumber(to, site, finish);
    case 'float':
      return fromFloat(to, site, finish);
    case 'int':
      return fromInt(from, to, site, finish);
    default:
      return fromText(to, site, finish);
  }
}

/** Takes canonical decimals of any length. */
function finishDecimal(to: DecimalType, site: Site): DecimalResult {
  const { precision, scale = 0 } = to;
  const outOfRange = site.wording.notNumberOf(to);
  const check = decimalCheck(to, site.wording);
  return (decimal) => {
    const fitted = fitDecimal(decimal, precision, scale);
    if (fitted === undefined) return outOfRange;
    return check === undefined ? fitted : (check(fitted) ?? fitted);
  };
}

/** Most numbers are short and already canonical: a look at their characters saves taking them apart. */
function fromDecimalText(to: DecimalType, site: Site, finish: DecimalResult): Conversion {
  const refused = site.wording.notConvertible(to);
  return fromText(to, site, (text) => {
    if (isShortDecimal(text)) return finish(text);
    const decimal = parseDecimal(text);
    return decimal === undefined ? refused : finish(decimal);
  });
}

function fromJsonNumber(to: DecimalType, site: Site, finish: DecimalResult): Conversion {
  const refused = site.wording.notConvertible(to);
  const outOfRange = site.wording.notNumberOf(to);
  return fromJson(to, site, (json, kind) => {
    if (kind !== 'number') return refused;
    const decimal = parseDecimal(jsonNumber(json));
    return decimal === undefined ? outOfRange : finish(decimal);
  });
}

function fromFloat(to: DecimalType, site: Site, finish: DecimalResult): Conversion {
  const outOfRange = site.wording.notNumberOf(to);
  return fromNumber(to, site, (number) => {
    return Number.isFinite(number) ? finish(roundFloat(number, to.scale ?? 0)) : outOfRange;
  });
}

function fromInt(from: IntType, to: DecimalType, site: Site, finish: DecimalResult): Conversion {
  if (from.bitSize === 64) return fromText(to, site, finish);
  return fromNumber(to, site, (number) => finish(String(number)));
}
