import type { Type } from '../types/type.js';
import { parseIso8601 } from '../values/iso8601.js';
import { jsonKind, jsonString } from '../values/json-text.js';
import type { Value } from '../values/value.js';
import { decimalOrder } from './decimal-order.js';
import { jsonNumberOrder } from './json-number-order.js';
import { textOrder } from './text-order.js';

/**
 * Orders a value against an operand: negative, zero or positive. NaN when the two cannot be compared, which makes every
 * comparison with zero false; so is a value that is missing (undefined), null, or not of the kind.
 */
export type ValueOrder = (value: Value | undefined) => number;

/** Compiles the order of the values of a type around an operand of that type. */
export function valueOrder(type: Type, operand: Value): ValueOrder {
  switch (type.kind) {
    case 'float':
    case 'year':
      return numberOrder(Number(operand));
    case 'int':
      return type.bitSize === 64 ? decimalTextOrder(String(operand)) : numberOrder(Number(operand));
    case 'decimal':
      return decimalTextOrder(String(operand));
    case 'json':
      return jsonOrder(String(operand));
    default:
      return plainTextOrder(String(operand));
  }
}

/** As {@link valueOrder}; of json, only strings that are datetimes in ISO 8601 have an order. */
export function instantOrder(type: Type, operand: Value): ValueOrder {
  if (type.kind !== 'json') return valueOrder(type, operand);
  const instant = parseIso8601(String(operand)) ?? undefined;
  if (instant === undefined) return () => Number.NaN;
  const order = textOrder(instant);
  return (value) => {
    if (typeof value !== 'string' || jsonKind(value) !== 'string') return Number.NaN;
    const parsed = parseIso8601(jsonString(value)) ?? undefined;
    return parsed === undefined ? Number.NaN : order(parsed);
  };
}

/** A difference has the right sign also where it overflows or is denormal. */
function numberOrder(operand: number): ValueOrder {
  return (value) => (typeof value === 'number' ? value - operand : Number.NaN);
}

function decimalTextOrder(operand: string): ValueOrder {
  const order = decimalOrder(operand);
  return (value) => (typeof value === 'string' ? order(value) : Number.NaN);
}

/** The texts of instants have the order of the instants. */
function plainTextOrder(operand: string): ValueOrder {
  const order = textOrder(operand);
  return (value) => (typeof value === 'string' ? order(value) : Number.NaN);
}

/** JSON numbers are ordered around the number that the operand says, JSON strings around its text. */
function jsonOrder(operand: string): ValueOrder {
  const orderNumber = jsonNumberOrder(operand);
  const orderText = textOrder(operand);
  return (value) => {
    if (typeof value !== 'string') return Number.NaN;
    const kind = jsonKind(value);
    if (kind === 'string') return orderText(jsonString(value));
    return kind === 'number' ? orderNumber(value) : Number.NaN;
  };
}
