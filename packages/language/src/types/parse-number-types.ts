import { compareDecimals, fitDecimal, parseDecimal, trimDecimal } from '../values/decimal-text.js';
import { type JsonFields, withoutUndefined } from './json-fields.js';
import { decimalRange, floatRange, intRange, MAX_FLOAT_32 } from './natural-range.js';
import { SchemaError } from './schema-error.js';
import type { DecimalType, FloatType, IntBitSize, IntType } from './type.js';

const INT_BIT_SIZES: readonly IntBitSize[] = [8, 16, 24, 32, 64];
const MAX_PRECISION = 76;
const MAX_SCALE = 37;

type Bound = 'minimum' | 'maximum';

/** Reads the parameters of an int type. Throws SchemaError. */
export function parseIntType(fields: JsonFields): IntType {
  const bitSize = parseBitSize(fields, INT_BIT_SIZES);
  const size = withoutUndefined<IntType>({ kind: 'int', bitSize, unsigned: fields.flag('unsigned') });
  const minimum = intBound(fields, 'minimum', size);
  const maximum = intBound(fields, 'maximum', size);
  checkOrder(fields, minimum !== undefined && maximum !== undefined && maximum < minimum);
  return withoutUndefined<IntType>({ ...size, minimum, maximum });
}

/** JSON numbers are doubles: the limits of 64 bits arrive rounded, and other integers beyond 2^53 cannot be told apart. */
function intBound(fields: JsonFields, key: Bound, size: IntType): number | undefined {
  const value = fields.number(key);
  if (value === undefined) return undefined;
  const natural = intRange(size);
  if (value === Number(natural[key])) return undefined;
  if (!Number.isInteger(value) || value < Number(natural.minimum) || value > Number(natural.maximum)) {
    throw fields.invalid(key);
  }
  if (!Number.isSafeInteger(value)) {
    throw fields.invalid(key, `invalid ${key}: beyond ±9007199254740991 a JSON number is not exact`);
  }
  return value;
}

/** Reads the parameters of a float type. Throws SchemaError. */
export function parseFloatType(fields: JsonFields): FloatType {
  const bitSize = parseBitSize(fields, [32, 64] as const);
  const size = withoutUndefined<FloatType>({ kind: 'float', bitSize, real: fields.flag('real') });
  const minimum = floatBound(fields, 'minimum', size);
  const maximum = floatBound(fields, 'maximum', size);
  checkOrder(fields, minimum !== undefined && maximum !== undefined && maximum < minimum);
  return withoutUndefined<FloatType>({ ...size, minimum, maximum });
}

function floatBound(fields: JsonFields, key: Bound, size: FloatType): number | undefined {
  const value = fields.number(key);
  if (value === undefined) return undefined;
  const rounded = size.bitSize === 32 ? Math.fround(value) : value;
  if (Math.abs(rounded) > (size.bitSize === 32 ? MAX_FLOAT_32 : Number.MAX_VALUE)) throw fields.invalid(key);
  return rounded === floatRange(size)[key] ? undefined : rounded;
}

/** Reads the parameters of a decimal type. Throws SchemaError. */
export function parseDecimalType(fields: JsonFields): DecimalType {
  const precision = fields.integer('precision', 1, MAX_PRECISION);
  if (precision === undefined) throw new SchemaError(fields.path, 'missing precision');
  const scale = fields.integer('scale', 0, Math.min(MAX_SCALE, precision)) || undefined;
  const size = withoutUndefined<DecimalType>({ kind: 'decimal', precision, scale });
  const minimum = decimalBound(fields, 'minimum', size);
  const maximum = decimalBound(fields, 'maximum', size);
  checkOrder(fields, minimum !== undefined && maximum !== undefined && compareDecimals(maximum, minimum) < 0);
  return withoutUndefined<DecimalType>({ ...size, minimum, maximum });
}

/** The greatest numbers of a large precision arrive rounded, as doubles that would no longer fit. */
function decimalBound(fields: JsonFields, key: Bound, size: DecimalType): string | undefined {
  const value = fields.number(key);
  if (value === undefined) return undefined;
  if (value === Number(decimalRange(size)[key])) return undefined;
  const text = parseDecimal(String(value));
  const fitted = text === undefined ? undefined : fitDecimal(text, size.precision, size.scale ?? 0);
  if (fitted === undefined) throw fields.invalid(key);
  return trimDecimal(fitted);
}

function parseBitSize<Size extends number>(fields: JsonFields, sizes: readonly Size[]): Size {
  const value = fields.number('bitSize');
  if (value === undefined) throw new SchemaError(fields.path, "missing 'bitSize' key");
  const bitSize = sizes.find((size) => size === value);
  if (bitSize === undefined) throw fields.invalid('bitSize');
  return bitSize;
}

function checkOrder(fields: JsonFields, reversed: boolean): void {
  if (reversed) throw fields.invalid('maximum', 'maximum cannot be less than minimum');
}
