import type { Type } from '../types/type.js';
import { rfc3339Text } from '../values/datetime-text.js';
import { trimDecimal } from '../values/decimal-text.js';
import { floatJson } from '../values/float-text.js';
import { isObjectValue, type Value } from '../values/value.js';

/** Writes canonical values of one type as JSON text; undefined when JSON cannot say the value (NaN, the infinities). */
export type JsonEncoder = (value: Value) => string | undefined;

/**
 * Compiles the encoder of a type: numbers of all kinds with all their digits, datetimes as RFC 3339, null as JSON null, json as
 * it is, the properties of objects in the order of their type, the keys of maps sorted.
 */
export function jsonEncoder(type: Type): JsonEncoder {
  const encode = encoderOf(type);
  return (value) => (value === null ? 'null' : encode(value));
}

function encoderOf(type: Type): JsonEncoder {
  switch (type.kind) {
    case 'json':
    case 'int':
    case 'year':
    case 'boolean':
      return scalarEncoder((text) => text);
    case 'float':
      return (value) => (typeof value === 'number' ? floatJson(value, type.bitSize) : undefined);
    case 'decimal':
      return scalarEncoder(trimDecimal);
    case 'datetime':
      return scalarEncoder((datetime) => JSON.stringify(rfc3339Text(datetime)));
    case 'array':
      return arrayEncoder(jsonEncoder(type.elementType));
    case 'map':
      return mapEncoder(jsonEncoder(type.elementType));
    case 'object':
      return objectEncoder(new Map(type.properties.map((property) => [property.name, jsonEncoder(property.type)])));
    default:
      return scalarEncoder((text) => JSON.stringify(text));
  }
}

function scalarEncoder(encode: (text: string) => string): JsonEncoder {
  return (value) => (typeof value === 'object' ? undefined : encode(String(value)));
}

function arrayEncoder(encode: JsonEncoder): JsonEncoder {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const elements = value.map((element: Value) => encode(element));
    return elements.includes(undefined) ? undefined : `[${elements.join(',')}]`;
  };
}

function mapEncoder(encode: JsonEncoder): JsonEncoder {
  return (value) => {
    if (!isObjectValue(value)) return undefined;
    return joinMembers(Object.keys(value).sort(), (key) => encode(value[key] ?? null));
  };
}

function objectEncoder(encoders: ReadonlyMap<string, JsonEncoder>): JsonEncoder {
  return (value) => {
    if (!isObjectValue(value)) return undefined;
    const names = [...encoders.keys()].filter((name) => Object.hasOwn(value, name));
    return joinMembers(names, (name) => encoders.get(name)?.(value[name] ?? null));
  };
}

function joinMembers(keys: readonly string[], encode: (key: string) => string | undefined): string | undefined {
  const members: string[] = [];
  for (const key of keys) {
    const text = encode(key);
    if (text === undefined) return undefined;
    members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
