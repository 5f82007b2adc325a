import { compareDecimals } from '../values/decimal-text.js';
import { shortestFloat32 } from '../values/float-text.js';
import { decimalRange, floatRange, intRange, MAX_ELEMENTS } from './natural-range.js';
import type { ArrayType, DecimalType, FloatType, IntType, Property, StringType, Type } from './type.js';

type Json = Record<string, unknown>;

/**
 * The JSON of a type as plain data for JSON.stringify, with its keys in the documented order; a parameter that has its
 * default is left out. {@link parseType} reads it back to an equal type.
 */
export function typeToJson(type: Type): unknown {
  switch (type.kind) {
    case 'string':
      return stringToJson(type);
    case 'int':
      return intToJson(type);
    case 'float':
      return floatToJson(type);
    case 'decimal':
      return decimalToJson(type);
    case 'array':
      return arrayToJson(type);
    case 'map':
      return { kind: type.kind, elementType: typeToJson(type.elementType) };
    case 'object':
      return { kind: type.kind, properties: type.properties.map(propertyToJson) };
    default:
      return { kind: type.kind };
  }
}

function stringToJson(type: StringType): Json {
  const json: Json = { kind: type.kind };
  if (type.maxBytes !== undefined) json.maxBytes = type.maxBytes;
  if (type.maxLength !== undefined) json.maxLength = type.maxLength;
  if (type.pattern !== undefined) json.pattern = type.pattern;
  if (type.values !== undefined) json.values = [...type.values];
  return json;
}

function intToJson(type: IntType): Json {
  const json: Json = { kind: type.kind, bitSize: type.bitSize };
  const natural = intRange(type);
  if (type.unsigned) json.unsigned = true;
  if (type.minimum !== undefined && BigInt(type.minimum) > natural.minimum) json.minimum = type.minimum;
  if (type.maximum !== undefined && BigInt(type.maximum) < natural.maximum) json.maximum = type.maximum;
  return json;
}

function floatToJson(type: FloatType): Json {
  const json: Json = { kind: type.kind, bitSize: type.bitSize };
  const natural = floatRange(type);
  if (type.real) json.real = true;
  const bound = type.bitSize === 32 ? shortestFloat32 : Number;
  if (type.minimum !== undefined && type.minimum > natural.minimum) json.minimum = bound(type.minimum);
  if (type.maximum !== undefined && type.maximum < natural.maximum) json.maximum = bound(type.maximum);
  return json;
}

function decimalToJson(type: DecimalType): Json {
  const json: Json = { kind: type.kind };
  const natural = decimalRange(type);
  const { minimum, maximum } = type;
  if (minimum !== undefined && compareDecimals(minimum, natural.minimum) > 0) json.minimum = Number(minimum);
  if (maximum !== undefined && compareDecimals(maximum, natural.maximum) < 0) json.maximum = Number(maximum);
  json.precision = type.precision;
  if (type.scale) json.scale = type.scale;
  return json;
}

function arrayToJson(type: ArrayType): Json {
  const json: Json = { kind: type.kind };
  if (type.minElements) json.minElements = type.minElements;
  if (type.maxElements !== undefined && type.maxElements < MAX_ELEMENTS) json.maxElements = type.maxElements;
  if (type.uniqueElements) json.uniqueElements = true;
  json.elementType = typeToJson(type.elementType);
  return json;
}

function propertyToJson(property: Property): Json {
  const json: Json = { name: property.name };
  if (property.prefilled) json.prefilled = property.prefilled;
  json.type = typeToJson(property.type);
  if (property.createRequired) json.createRequired = true;
  if (property.updateRequired) json.updateRequired = true;
  if (property.readOptional) json.readOptional = true;
  if (property.nullable) json.nullable = true;
  json.description = property.description;
  return json;
}
