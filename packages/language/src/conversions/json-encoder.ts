import type { Type } from '../types/type.js';
import { rfc3339Text } from '../values/datetime-text.js';
import { trimDecimal } from '../values/decimal-text.js';
import { floatJson } from '../values/float-text.js';
import { isJsonTextTooLong, MAX_TEXT_LENGTH } from '../values/text-limit.js';
import { isObjectValue, type Value, type ValueFailure } from '../values/value.js';

/** Writes canonical values of one type as JSON text, or refuses them. */
export type JsonEncoder = (value: Value) => string | ValueFailure;

/** What is said of a value that JSON cannot say (NaN, the infinities), and of one whose JSON is too long. */
export interface EncodingRefusals {
  readonly refused: ValueFailure;
  readonly tooLong: ValueFailure;
}

/**
 * Compiles the encoder of a type: numbers of all kinds with all their digits, datetimes as RFC 3339, null as JSON null, json as
 * it is, the properties of objects in the order of their type, the keys of maps sorted.
 */
export function jsonEncoder(type: Type, refusals: EncodingRefusals): JsonEncoder {
  const encode = encoderOf(type, refusals);
  return (value) => (value === null ? 'null' : encode(value));
}

function encoderOf(type: Type, refusals: EncodingRefusals): JsonEncoder {
  const { refused } = refusals;
  switch (type.kind) {
    case 'json':
    case 'int':
    case 'year':
    case 'boolean':
      return scalarEncoder((text) => text, refused);
    case 'float':
      return (value) => (typeof value === 'number' ? (floatJson(value, type.bitSize) ?? refused) : refused);
    case 'decimal':
      return scalarEncoder(trimDecimal, refused);
    case 'datetime':
      return scalarEncoder((datetime) => JSON.stringify(rfc3339Text(datetime)), refused);
    case 'array':
      return arrayEncoder(jsonEncoder(type.elementType, refusals), refusals);
    case 'map':
      return mapEncoder(jsonEncoder(type.elementType, refusals), refusals);
    case 'object': {
      const members = type.properties.map((property) => [property.name, jsonEncoder(property.type, refusals)] as const);
      return objectEncoder(new Map(members), refusals);
    }
    default:
      return textEncoder(refusals);
  }
}

function scalarEncoder(encode: (text: string) => string, refused: ValueFailure): JsonEncoder {
  return (value) => (typeof value === 'object' ? refused : encode(String(value)));
}

function textEncoder({ refused, tooLong }: EncodingRefusals): JsonEncoder {
  return (value) => {
    if (typeof value !== 'string') return refused;
    return isJsonTextTooLong(value) ? tooLong : JSON.stringify(value);
  };
}

function arrayEncoder(encode: JsonEncoder, { refused, tooLong }: EncodingRefusals): JsonEncoder {
  return (value) => {
    if (!Array.isArray(value)) return refused;
    const elements: string[] = [];
    let length = 2;
    for (const element of value) {
      const text = encode(element);
      if (typeof text !== 'string') return text;
      length += text.length + 1;
      if (length > MAX_TEXT_LENGTH) return tooLong;
      elements.push(text);
    }
    return `[${elements.join(',')}]`;
  };
}

function mapEncoder(encode: JsonEncoder, refusals: EncodingRefusals): JsonEncoder {
  return (value) => {
    if (!isObjectValue(value)) return refusals.refused;
    return joinMembers(Object.keys(value).sort(), (key) => encode(value[key] ?? null), refusals);
  };
}

function objectEncoder(encoders: ReadonlyMap<string, JsonEncoder>, refusals: EncodingRefusals): JsonEncoder {
  return (value) => {
    if (!isObjectValue(value)) return refusals.refused;
    const names = [...encoders.keys()].filter((name) => Object.hasOwn(value, name));
    return joinMembers(names, (name) => encoders.get(name)?.(value[name] ?? null) ?? refusals.refused, refusals);
  };
}

function joinMembers(
  keys: readonly string[],
  encode: (key: string) => string | ValueFailure,
  { tooLong }: EncodingRefusals,
): string | ValueFailure {
  const members: string[] = [];
  let length = 2;
  for (const key of keys) {
    if (isJsonTextTooLong(key)) return tooLong;
    const text = encode(key);
    if (typeof text !== 'string') return text;
    const member = `${JSON.stringify(key)}:${text}`;
    length += member.length + 1;
    if (length > MAX_TEXT_LENGTH) return tooLong;
    members.push(member);
  }
  return `{${members.join(',')}}`;
}
