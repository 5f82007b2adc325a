import type { FloatType, Type } from '../types/type.js';
import { jsonNumber } from '../values/json-text.js';
import { FLOAT_OVERFLOW, parseFloatText } from '../values/parse-float-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import { numberCheck } from './constraints.js';
import { fromJson, fromNumber, fromText, type Site } from './site.js';

type FloatResult = (number: number) => Value | ValueFailure;

/**
 * Conversion to float: text as programs write floats, `NaN` and `inf` included; exact numbers become the nearest float. A finite
 * number that only infinity could stand for is refused, and so are NaN and the infinities by a `real` type.
 */
export function toFloat(from: Type, to: FloatType, site: Site): Conversion {
  const finish = finishFloat(to, site);
  switch (from.kind) {
    case 'string':
      return fromFloatText(to, site, finish);
    case 'json':
      return fromJsonNumber(to, site, finish);
    case 'decimal':
      return fromText(to, site, (decimal) => finish(Number(decimal)));
    case 'int':
      return from.bitSize === 64
        ? fromText(to, site, (digits) => finish(Number(digits)))
        : fromNumber(to, site, finish);
    default:
      return fromNumber(to, site, finish);
  }
}

function finishFloat(to: FloatType, site: Site): FloatResult {
  const check = numberCheck(to, site.wording);
  const outOfRange = site.wording.notNumberOf(to);
  return (number) => {
    const rounded = to.bitSize === 32 ? Math.fround(number) : number;
    if (!Number.isFinite(rounded) && (to.real || Number.isFinite(number))) return outOfRange;
    return check === undefined ? rounded : (check(rounded) ?? rounded);
  };
}

function fromFloatText(to: FloatType, site: Site, finish: FloatResult): Conversion {
  const refused = site.wording.notConvertible(to);
  const outOfRange = site.wording.notNumberOf(to);
  return fromText(to, site, (text) => {
    const number = parseFloatText(text);
    if (number === undefined) return refused;
    return number === FLOAT_OVERFLOW ? outOfRange : finish(number);
  });
}

function fromJsonNumber(to: FloatType, site: Site, finish: FloatResult): Conversion {
  const refused = site.wording.notConvertible(to);
  const outOfRange = site.wording.notNumberOf(to);
  return fromJson(to, site, (json, kind) => {
    if (kind !== 'number') return refused;
    const number = Number(jsonNumber(json));
    return Number.isFinite(number) ? finish(number) : outOfRange;
  });
}
