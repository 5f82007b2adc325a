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

type TextReader = (text: string, path: string) => Value | ValueFailure;

/** Compiles the reading of a kind that is text in JSON. */
export function textReader(type: StringType | SimpleType): TextReader {
  switch (type.kind) {
    case 'string':
      return stringReader(type);
    case 'datetime':
      return parsedReader((text) => parseIso8601(text) ?? undefined);
    case 'date':
      return parsedReader((text) => parseIsoDate(text) ?? undefined);
    case 'time':
      return parsedReader(parseStrictTime);
    case 'uuid':
      return parsedReader(parseUuid);
    case 'ip':
      return parsedReader(parseIp);
    default:
      return (_text, path) => notValid(path);
  }
}

function parsedReader(parse: (text: string) => string | undefined): TextReader {
  return (text, path) => parse(text) ?? notValid(path);
}

function stringReader({ values, pattern, maxBytes, maxLength }: StringType): TextReader {
  const allowed = values === undefined ? undefined : new Set(values);
  const matches = pattern === undefined ? undefined : compilePattern(pattern);
  return (text, path) => {
    if (allowed !== undefined && !allowed.has(text)) return notAllowed(path, values ?? []);
    if (matches !== undefined && !matches(text)) return noMatch(path, pattern ?? '');
    if (maxBytes !== undefined && exceedsBytes(text, maxBytes)) return tooLong(path, maxBytes, 'bytes');
    if (maxLength !== undefined && exceedsCodePoints(text, maxLength)) return tooLong(path, maxLength, 'characters');
    return text;
  };
}

type ElementsCheck = (elements: readonly Value[], path: string) => ValueFailure | undefined;

/** Compiles the check of the number and the uniqueness of the elements of an array. */
export function elementsCheck(type: ArrayType): ElementsCheck {
  const { minElements = 0, maxElements = Infinity, uniqueElements } = type;
  const isDecimal = type.elementType.kind === 'decimal';
  return (elements, path) => {
    if (elements.length < minElements) {
      return wrongElements(path, 'TooFewElements', `contains less than ${minElements} elements`);
    }
    if (elements.length > maxElements) {
      return wrongElements(path, 'TooManyElements', `contains more than ${maxElements} elements`);
    }
    return uniqueElements && hasRepeats(elements, isDecimal)
      ? wrongElements(path, 'RepeatedElement', 'contains a duplicated value')
      : undefined;
  };
}

function hasRepeats(elements: readonly Value[], isDecimal: boolean): boolean {
  const keys = elements.map((element) => (isDecimal && typeof element === 'string' ? trimDecimal(element) : element));
  return new Set(keys).size < keys.length;
}
