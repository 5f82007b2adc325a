import type { Type } from '../types/type.js';
import { trimDecimal } from '../values/decimal-text.js';
import { jsonElements, jsonKind, jsonNumber, jsonString } from '../values/json-text.js';
import type { Value } from '../values/value.js';
import type { FilterCondition } from './filter.js';
import { numberKey, operandKey } from './json-number-order.js';
import { type PositiveOperator, splitNegation } from './operator-rules.js';
import { isEmpty, isFalse, isNull, isTrue } from './state-tests.js';
import { instantOrder, type ValueOrder, valueOrder } from './value-order.js';

/** Whether a value that was read from a row meets a condition; undefined is a value that is missing. */
export type ValueTest = (value: Value | undefined) => boolean;

/** Compiles what a condition asks of the value at its path. */
export function compileValueTest({ type, operator, operands }: FilterCondition): ValueTest {
  const { positive, isNegated } = splitNegation(operator);
  const test = positiveTest(positive, type, operands);
  return isNegated ? (value) => !test(value) : test;
}

function positiveTest(operator: PositiveOperator, type: Type, operands: readonly Value[]): ValueTest {
  const [operand = null] = operands;
  switch (operator) {
    case 'is':
      return equality(type, operand);
    case 'is less than':
      return below(valueOrder(type, operand));
    case 'is less than or equal to':
      return atMost(valueOrder(type, operand));
    case 'is greater than':
      return above(valueOrder(type, operand));
    case 'is greater than or equal to':
      return atLeast(valueOrder(type, operand));
    case 'is between':
      return between(valueOrder(type, operand), valueOrder(type, operands[1] ?? null));
    case 'is one of':
      return oneOf(type, operands);
    case 'is before':
      return below(instantOrder(type, operand));
    case 'is on or before':
      return atMost(instantOrder(type, operand));
    case 'is after':
      return above(instantOrder(type, operand));
    case 'is on or after':
      return atLeast(instantOrder(type, operand));
    case 'contains':
      return containment(type, operand);
    case 'starts with':
      return textTest(type, String(operand), (text, part) => text.startsWith(part));
    case 'ends with':
      return textTest(type, String(operand), (text, part) => text.endsWith(part));
    case 'is true':
      return isTrue(type);
    case 'is false':
      return isFalse(type);
    case 'is empty':
      return isEmpty(type);
    case 'is null':
      return isNull(type);
    case 'exists':
      return (value) => value !== undefined;
  }
}

const below = (order: ValueOrder): ValueTest => {
  return (value) => order(value) < 0;
};
const atMost = (order: ValueOrder): ValueTest => {
  return (value) => order(value) <= 0;
};
const above = (order: ValueOrder): ValueTest => {
  return (value) => order(value) > 0;
};
const atLeast = (order: ValueOrder): ValueTest => {
  return (value) => order(value) >= 0;
};
const between = (low: ValueOrder, high: ValueOrder): ValueTest => {
  return (value) => low(value) >= 0 && high(value) <= 0;
};

/** Decimals and JSON have several texts for one value; the other kinds have one canonical form each. */
function equality(type: Type, operand: Value): ValueTest {
  if (type.kind === 'decimal' || type.kind === 'json') {
    const order = valueOrder(type, operand);
    return (value) => order(value) === 0;
  }
  return (value) => value === operand;
}

function oneOf(type: Type, operands: readonly Value[]): ValueTest {
  if (type.kind === 'json') return oneOfJson(operands.map(String));
  if (type.kind === 'decimal') {
    const decimals = new Set(operands.map((operand) => trimDecimal(String(operand))));
    return (value) => typeof value === 'string' && decimals.has(trimDecimal(value));
  }
  const members = new Set<Value | undefined>(operands);
  return (value) => members.has(value);
}

/** JSON strings are looked up by what they say, JSON numbers by their value: as {@link equality} compares with one operand. */
function oneOfJson(operands: readonly string[]): ValueTest {
  const texts = new Set(operands);
  const numbers = new Set(operands.map(operandKey).filter((key) => key !== undefined));
  return (value) => {
    if (typeof value !== 'string') return false;
    const kind = jsonKind(value);
    if (kind === 'string') return texts.has(jsonString(value));
    if (kind !== 'number' || numbers.size === 0) return false;
    const key = numberKey(jsonNumber(value));
    return key !== undefined && numbers.has(key);
  };
}

function containment(type: Type, operand: Value): ValueTest {
  if (type.kind === 'array') return arrayContainment(equality(type.elementType, operand));
  const inText = textTest(type, String(operand), (text, part) => text.includes(part));
  if (type.kind !== 'json') return inText;
  const isElement = equality(type, operand);
  return (value) => {
    if (typeof value !== 'string' || jsonKind(value) !== 'array') return inText(value);
    return jsonElements(value).some(isElement);
  };
}

function arrayContainment(isElement: ValueTest): ValueTest {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index++) if (isElement(value[index])) return true;
    return false;
  };
}

/** Tests a text, or the text of a JSON string. */
function textTest(type: Type, part: string, test: (text: string, part: string) => boolean): ValueTest {
  if (type.kind !== 'json') return (value) => typeof value === 'string' && test(value, part);
  return (value) => typeof value === 'string' && jsonKind(value) === 'string' && test(jsonString(value), part);
}
