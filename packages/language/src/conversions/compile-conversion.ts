import type { Purpose } from '../functions/function-definition.js';
import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { type Conversion, identity } from '../values/value.js';
import { isConvertible } from './is-convertible.js';
import { keepsValue } from './keeps-value.js';
import { hasRequiredMember } from './required-members.js';
import { keepUnlessNull, type Site } from './site.js';
import { toArray } from './to-array.js';
import { toBoolean } from './to-boolean.js';
import { toDecimal } from './to-decimal.js';
import { toFloat } from './to-float.js';
import { toDate, toDatetime, toTime } from './to-instant.js';
import { toInt } from './to-int.js';
import { toJson } from './to-json.js';
import { toMap } from './to-map.js';
import { toObject } from './to-object.js';
import { toIp, toUuid, toYear } from './to-simple.js';
import { toText } from './to-text.js';
import { conversionVoice } from './voices.js';
import { Wording } from './wording.js';

export interface ConversionContext {
  /** Source text of the expression whose value is converted; messages quote it. */
  readonly expression: string;
  /** Path of the property that gets the value. */
  readonly outPath: string;
  /** Whether null, and text that is empty where the target has no empty text, become null; else they are refused. */
  readonly nullable: boolean;
  /** What the value is for; decides which properties of objects must be there. Import, which requires none, when absent. */
  readonly purpose?: Purpose;
}

/**
 * Compiles the conversion of canonical values from one type to another. What it compiles never throws; it returns the value or
 * a ValueFailure of step OutputValidation. It is {@link identity} itself where nothing has to be done or checked. Throws a
 * TypeError when the types are not convertible, which {@link isConvertible} tells beforehand.
 */
export function compileConversion(from: Type, to: Type, context: ConversionContext): Conversion {
  const { expression, outPath, nullable, purpose = 'Import' } = context;
  return convert(from, to, { nullable, wording: new Wording(conversionVoice(expression), outPath), purpose });
}

/** The conversion at a site, whatever words the site uses. Throws a TypeError when the types are not convertible. */
export function convert(from: Type, to: Type, site: Site): Conversion {
  if (!isConvertible(from, to)) throw new TypeError(`cannot convert ${typeText(from)} to ${typeText(to)}`);
  if (keepsValue(from, to) && !hasRequiredMember(to, site.purpose ?? 'Import')) {
    return site.nullable ? identity : keepUnlessNull(to, site);
  }
  switch (to.kind) {
    case 'string':
      return toText(from, to, site);
    case 'int':
      return toInt(from, to, site);
    case 'float':
      return toFloat(from, to, site);
    case 'decimal':
      return toDecimal(from, to, site);
    case 'array':
      return toArray(from, to, site);
    case 'map':
      return toMap(from, to, site);
    case 'object':
      return toObject(from, to, site);
    default:
      return SIMPLE[to.kind](from, to, site);
  }
}

const SIMPLE = {
  boolean: toBoolean,
  datetime: toDatetime,
  date: toDate,
  time: toTime,
  year: toYear,
  uuid: toUuid,
  ip: toIp,
  json: toJson,
};
