import { compilePattern } from '../pattern/compile-pattern.js';
import type { ArrayType, DecimalType, FloatType, IntType, StringType, Type } from '../types/type.js';
import { compareDecimals, trimDecimal } from '../values/decimal-text.js';
import { exceedsBytes, exceedsCodePoints } from '../values/text-length.js';
import type { Value, ValueFailure } from '../values/value.js';
import type { Wording } from './wording.js';

/** Checks a constraint of a type; undefined means that the value conforms. */
export type Check<T> = (value: T) => ValueFailure | undefined;

/** Combines the checks that there are, in their order; undefined when there are none. */
function allOf<T>(checks: readonly (Check<T> | undefined)[]): Check<T> | undefined {
  const present = checks.filter((check) => check !== undefined);
  const [first, second, ...others] = present;
  if (first === undefined || second === undefined) return first;
  const rest = allOf([second, ...others]) ?? second;
  return (value) => first(value) ?? rest(value);
}

/** Allowed values, pattern, bytes and characters of a string type, in this order. */
export function textCheck(type: StringType, wording: Wording): Check<string> | undefined {
  return allOf([
    allowedCheck(type.values, wording),
    patternCheck(type.pattern, wording),
    bytesCheck(type.maxBytes, wording),
    lengthCheck(type.maxLength, wording),
  ]);
}

function allowedCheck(values: readonly string[] | undefined, wording: Wording): Check<string> | undefined {
  if (values === undefined) return undefined;
  const allowed = new Set(values);
  const failure = wording.notAllowed();
  return (text) => (allowed.has(text) ? undefined : failure);
}

function patternCheck(pattern: string | undefined, wording: Wording): Check<string> | undefined {
  if (pattern === undefined) return undefined;
  const matches = compilePattern(pattern);
  const failure = wording.noMatch(pattern);
  return (text) => (matches(text) ? undefined : failure);
}

function bytesCheck(limit: number | undefined, wording: Wording): Check<string> | undefined {
  if (limit === undefined) return undefined;
  const failure = wording.tooManyBytes(limit);
  return (text) => (exceedsBytes(text, limit) ? failure : undefined);
}

function lengthCheck(limit: number | undefined, wording: Wording): Check<string> | undefined {
  if (limit === undefined) return undefined;
  const failure = wording.tooManyChars(limit);
  return (text) => (exceedsCodePoints(text, limit) ? failure : undefined);
}

/** Minimum and maximum of an int or float type. NaN lies within no bounds. */
export function numberCheck(type: IntType | FloatType, wording: Wording): Check<number> | undefined {
  const { minimum, maximum } = type;
  if (minimum === undefined && maximum === undefined) return undefined;
  const low = minimum ?? -Infinity;
  const high = maximum ?? Infinity;
  const less = wording.less(low);
  const greater = wording.greater(high);
  return (number) => {
    if (number >= low && number <= high) return undefined;
    return number > high || minimum === undefined ? greater : less;
  };
}

/** Minimum and maximum of a decimal type. */
export function decimalCheck(type: DecimalType, wording: Wording): Check<string> | undefined {
  const { minimum, maximum } = type;
  if (minimum === undefined && maximum === undefined) return undefined;
  const less = wording.less(minimum ?? '');
  const greater = wording.greater(maximum ?? '');
  return (decimal) => {
    if (minimum !== undefined && compareDecimals(decimal, minimum) < 0) return less;
    return maximum !== undefined && compareDecimals(decimal, maximum) > 0 ? greater : undefined;
  };
}

/** Number and uniqueness of the elements of an array type. */
export function elementsCheck(type: ArrayType, wording: Wording): Check<readonly Value[]> | undefined {
  const { minElements, maxElements, uniqueElements } = type;
  const tooFew = minElements === undefined ? undefined : wording.tooFewElements(minElements);
  const tooMany = maxElements === undefined ? undefined : wording.tooManyElements(maxElements);
  return allOf<readonly Value[]>([
    minElements === undefined ? undefined : (elements) => (elements.length < minElements ? tooFew : undefined),
    maxElements === undefined ? undefined : (elements) => (elements.length > maxElements ? tooMany : undefined),
    uniqueElements ? uniqueCheck(type.elementType, wording) : undefined,
  ]);
}

/** Decimals are equal by value, whatever zeros their fractions end with; all other elements by their canonical form. */
function uniqueCheck(elementType: Type, wording: Wording): Check<readonly Value[]> {
  const failure = wording.repeatedElement();
  const isDecimal = elementType.kind === 'decimal';
  return (elements) => {
    const keys = elements.map((element) => (isDecimal && typeof element === 'string' ? trimDecimal(element) : element));
    return new Set(keys).size < keys.length ? failure : undefined;
  };
}
