import { compilePattern } from '../pattern/compile-pattern.js';
import type { ArrayType, SimpleType, StringType } from '../types/type.js';
import { parseIsoDate } from '../values/date-text.js';
import { trimDecimal } from '../values/decimal-text.js';
import { parseIp } from '../values/ip-text.js';
import { parseIso8601 } from '../values/iso8601.js';
import { exceedsBytes, exceedsCodePoints } from '../values/text-length.js';
import { parseStrictTime } from '../values/time-text.js';
import { parseUuid } from '../values/uuid-text.js';
import type { Value, ValueFailure } from '../values/value.js';
import { noMatch, notAllowed, notValid, tooLong, wrongElements } from './data-failures.js';

/** Reads the kinds that are text in JSON. */
export function readText(type: StringType | SimpleType, text: string, path: string): Value | ValueFailure {
  switch (type.kind) {
    case 'string':
      return checkText(type, text, path) ?? text;
    case 'datetime':
      return parseIso8601(text) ?? notValid(path);
    case 'date':
      return parseIsoDate(text) ?? notValid(path);
    case 'time':
      return parseStrictTime(text) ?? notValid(path);
    case 'uuid':
      return parseUuid(text) ?? notValid(path);
    case 'ip':
      return parseIp(text) ?? notValid(path);
    default:
      return notValid(path);
  }
}

function checkText(type: StringType, text: string, path: string): ValueFailure | undefined {
  const { values, pattern, maxBytes, maxLength } = type;
  if (values !== undefined && !values.includes(text)) return notAllowed(path, values);
  if (pattern !== undefined && !compilePattern(pattern)(text)) return noMatch(path, pattern);
  if (maxBytes !== undefined && exceedsBytes(text, maxBytes)) return tooLong(path, maxBytes, 'bytes');
  if (maxLength !== undefined && exceedsCodePoints(text, maxLength)) return tooLong(path, maxLength, 'characters');
  return undefined;
}

/** Checks the number and the uniqueness of the elements of an array. */
export function checkElements(type: ArrayType, elements: readonly Value[], path: string): ValueFailure | undefined {
  const { minElements = 0, maxElements = Infinity, uniqueElements } = type;
  if (elements.length < minElements) {
    return wrongElements(path, 'TooFewElements', `contains less than ${minElements} elements`);
  }
  if (elements.length > maxElements) {
    return wrongElements(path, 'TooManyElements', `contains more than ${maxElements} elements`);
  }
  const isDecimal = type.elementType.kind === 'decimal';
  const keys = elements.map((element) => (isDecimal && typeof element === 'string' ? trimDecimal(element) : element));
  if (!uniqueElements || new Set(keys).size === keys.length) return undefined;
  return wrongElements(path, 'RepeatedElement', 'contains a duplicated value');
}
