import type { DecimalType, IntType, Type, Value } from '@penstock/language';
import { compileJson } from '../files/value-json.js';
import { decimalBytes, encodeDecimal32, encodeDecimal64, encodeFixedDecimal } from './encode-decimals.js';
import { encodeDate, encodeDatetime, encodeTime } from './encode-times.js';
import type { GrowingBytes } from './growing-bytes.js';
import { PHYSICAL } from './schema-element.js';
import type { ThriftWriter } from './thrift-writer.js';

const INT32_DIGITS = 9;
const INT64_DIGITS = 18;
const UUID_BYTES = 16;
const MICROS = 2;
/** Longer numbers may not be exact as doubles. */
const SAFE_TEXT = 15;

/** How the values of a type lie in a column of a file. */
export interface LeafEncoding {
  readonly physical: number;
  /** Bytes of a value of fixed length. */
  readonly width?: number;
  /** What the physical type stands for, in the words of old and of today. */
  readonly annotation?: LeafAnnotation;
  /** Appends a value that is not null; a boolean as a byte of its own. */
  readonly encode: (out: GrowingBytes, value: Value) => void;
}

export interface LeafAnnotation {
  /** Number of the annotation of old; absent where it would say something else. */
  readonly converted?: number;
  readonly scale?: number;
  readonly precision?: number;
  /** Number of the annotation of today. */
  readonly logical: number;
  /** Writes its members. */
  readonly members?: (struct: ThriftWriter) => void;
}

const { boolean, int32, int64, float, double, byteArray, fixed } = PHYSICAL;

const STRING: LeafAnnotation = { converted: 0, logical: 1 };
const JSON_TEXT: LeafAnnotation = { converted: 19, logical: 12 };

/** How values are kept that are one leaf: those of all kinds, arrays, objects and maps as JSON. `path` is for messages. */
export function leafEncoding(type: Type, path: string): LeafEncoding {
  switch (type.kind) {
    case 'boolean':
      return { physical: boolean, encode: (out, value) => out.byte(value === true ? 1 : 0) };
    case 'int':
      return integerEncoding(type);
    case 'year':
      return { physical: int32, annotation: integer(32, true), encode: encodeInt32 };
    case 'float':
      if (type.bitSize === 32) return { physical: float, encode: (out, value) => out.float32(value as number) };
      return { physical: double, encode: (out, value) => out.float64(value as number) };
    case 'decimal':
      return decimalEncoding(type, path);
    case 'datetime':
      return { physical: int64, annotation: clock(8, { isUtc: true, converted: 10 }), encode: encodeDatetime };
    case 'date':
      return { physical: int32, annotation: { converted: 6, logical: 6 }, encode: encodeDate };
    case 'time':
      return { physical: int64, annotation: clock(7, { isUtc: false }), encode: encodeTime };
    case 'uuid':
      return { physical: fixed, width: UUID_BYTES, annotation: { logical: 14 }, encode: encodeUuid };
    case 'string':
    case 'ip':
      return { physical: byteArray, annotation: STRING, encode: (out, value) => out.text(value as string) };
    default:
      return jsonEncoding(type);
  }
}

function integerEncoding({ bitSize, unsigned = false }: IntType): LeafEncoding {
  if (bitSize === 64) return { physical: int64, annotation: integer(64, !unsigned), encode: encodeInt64 };
  // There are none of 24 bits.
  return { physical: int32, annotation: integer(bitSize === 24 ? 32 : bitSize, !unsigned), encode: encodeInt32 };
}

function integer(bitWidth: 8 | 16 | 32 | 64, isSigned: boolean): LeafAnnotation {
  const UINT_8 = 11;
  const converted = UINT_8 + Math.log2(bitWidth / 8) + (isSigned ? 4 : 0);
  const members = (struct: ThriftWriter): void => {
    struct.int8(1, bitWidth);
    struct.bool(2, isSigned);
  };
  return { converted, logical: 10, members };
}

function clock(
  logical: number,
  { isUtc, ...rest }: { readonly isUtc: boolean; readonly converted?: number },
): LeafAnnotation {
  const members = (struct: ThriftWriter): void => {
    struct.bool(1, isUtc);
    struct.struct(2, (unit) => unit.struct(MICROS, () => undefined));
  };
  return { ...rest, logical, members };
}

function decimalEncoding({ precision, scale = 0 }: DecimalType, path: string): LeafEncoding {
  const column = { path, precision, scale };
  const members = (struct: ThriftWriter): void => {
    struct.int32(1, scale);
    struct.int32(2, precision);
  };
  const annotation = { converted: 5, logical: 5, precision, scale, members };
  if (precision <= INT32_DIGITS) return { physical: int32, annotation, encode: encodeDecimal32(column) };
  if (precision <= INT64_DIGITS) return { physical: int64, annotation, encode: encodeDecimal64(column) };
  const width = decimalBytes(precision);
  return { physical: fixed, width, annotation, encode: encodeFixedDecimal(column, width) };
}

function jsonEncoding(type: Type): LeafEncoding {
  const json = compileJson(type);
  return { physical: byteArray, annotation: JSON_TEXT, encode: (out, value) => out.text(json(value)) };
}

function encodeInt32(out: GrowingBytes, value: Value): void {
  out.int32(value as number);
}

function encodeInt64(out: GrowingBytes, value: Value): void {
  const text = value as string;
  if (text.length <= SAFE_TEXT) out.int64(Number(text));
  else out.bigInt64(BigInt(text));
}

function encodeUuid(out: GrowingBytes, value: Value): void {
  out.hex((value as string).replaceAll('-', ''));
}
