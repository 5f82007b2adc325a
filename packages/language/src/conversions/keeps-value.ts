import { decimalRange, floatRange, intRange, MAX_ELEMENTS } from '../types/natural-range.js';
import type { ArrayType, DecimalType, FloatType, IntType, Kind, ObjectType, StringType, Type } from '../types/type.js';
import { compareDecimals } from '../values/decimal-text.js';

/** Kinds whose canonical form is the text that they convert to; integers of 64 bits are another. */
const TEXT_KINDS: readonly Kind[] = ['uuid', 'ip', 'date', 'time'];

/**
 * Whether every value of one type is, unchanged, a value of the other: its canonical form is the same and no constraint of the
 * other type could refuse it. Such a conversion costs nothing. Values are trusted to conform to their own type.
 */
export function keepsValue(from: Type, to: Type): boolean {
  switch (to.kind) {
    case 'string':
      return keepsText(from, to);
    case 'int':
      return from.kind === 'int' && keepsInt(from, to);
    case 'float':
      return from.kind === 'float' && keepsFloat(from, to);
    case 'decimal':
      return from.kind === 'decimal' && keepsDecimal(from, to);
    case 'array':
      return from.kind === 'array' && keepsArray(from, to);
    case 'map':
      return from.kind === 'map' && keepsValue(from.elementType, to.elementType);
    case 'object':
      return from.kind === 'object' && keepsObject(from, to);
    default:
      return from.kind === to.kind;
  }
}

function keepsText(from: Type, to: StringType): boolean {
  const { maxBytes, maxLength, pattern, values } = to;
  const isFree = maxBytes === undefined && maxLength === undefined && pattern === undefined && values === undefined;
  if (TEXT_KINDS.includes(from.kind) || (from.kind === 'int' && from.bitSize === 64)) return isFree;
  if (from.kind !== 'string') return false;
  return (
    (pattern === undefined || pattern === from.pattern) &&
    (values === undefined || (from.values?.every((value) => values.includes(value)) ?? false)) &&
    atMost(from.maxBytes, maxBytes) &&
    atMost(from.maxLength, maxLength)
  );
}

function atMost(limit: number | undefined, otherLimit: number | undefined): boolean {
  return otherLimit === undefined || (limit !== undefined && limit <= otherLimit);
}

function keepsInt(from: IntType, to: IntType): boolean {
  const source = intRange(from);
  const target = intRange(to);
  return (
    (from.bitSize === 64) === (to.bitSize === 64) &&
    BigInt(from.minimum ?? source.minimum) >= BigInt(to.minimum ?? target.minimum) &&
    BigInt(from.maximum ?? source.maximum) <= BigInt(to.maximum ?? target.maximum)
  );
}

function keepsFloat(from: FloatType, to: FloatType): boolean {
  if (from.bitSize > to.bitSize || (to.real && !from.real)) return false;
  const source = floatRange(from);
  return (
    (to.minimum === undefined || (from.minimum ?? source.minimum) >= to.minimum) &&
    (to.maximum === undefined || (from.maximum ?? source.maximum) <= to.maximum)
  );
}

function keepsDecimal(from: DecimalType, to: DecimalType): boolean {
  const scale = from.scale ?? 0;
  const targetScale = to.scale ?? 0;
  const source = decimalRange(from);
  const { minimum, maximum } = to;
  return (
    scale <= targetScale &&
    from.precision - scale <= to.precision - targetScale &&
    (minimum === undefined || compareDecimals(from.minimum ?? source.minimum, minimum) >= 0) &&
    (maximum === undefined || compareDecimals(from.maximum ?? source.maximum, maximum) <= 0)
  );
}

function keepsArray(from: ArrayType, to: ArrayType): boolean {
  return (
    keepsValue(from.elementType, to.elementType) &&
    (from.minElements ?? 0) >= (to.minElements ?? 0) &&
    (from.maxElements ?? MAX_ELEMENTS) <= (to.maxElements ?? MAX_ELEMENTS) &&
    (!to.uniqueElements || from.uniqueElements === true)
  );
}

function keepsObject(from: ObjectType, to: ObjectType): boolean {
  const targets = new Map(to.properties.map((property) => [property.name, property]));
  return from.properties.every((property) => {
    const target = targets.get(property.name);
    return (
      target !== undefined && keepsValue(property.type, target.type) && (!property.nullable || target.nullable === true)
    );
  });
}
