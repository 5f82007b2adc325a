import type { FloatType, IntType, StringType, Type, Value } from '@penstock/language';
import { encodeIp, encodeUuid } from './encode-address.js';
import { encodeDate, encodeDatetime, encodeTime } from './encode-instant.js';
import {
  encodeBigint,
  encodeBoolean,
  encodeDouble,
  encodeInteger,
  encodeReal,
  encodeSmallint,
} from './encode-number.js';
import { encodeNumeric } from './encode-numeric.js';
import { compileJsonText } from './json-text.js';
import { RefusedValue, type WireBuffer } from './wire-buffer.js';

/** Writes one field of a binary COPY, length first. Gets canonical values that are not null. */
export type FieldEncoder = (value: Value, out: WireBuffer) => void;

/**
 * How values of one type are kept: SQL type, as the server writes it itself; its object id, the same on every server; and the
 * encoder that fits it.
 */
export interface ColumnType {
  readonly sql: string;
  readonly oid: number;
  readonly encode: FieldEncoder;
}

const JSONB_VERSION = 1;
const MAX_VARCHAR = 10_485_760;

const column = (sql: string, oid: number, encode: FieldEncoder): ColumnType => ({ sql, oid, encode });

const SMALLINT = column('smallint', 21, encodeSmallint);
const INTEGER = column('integer', 23, encodeInteger);
const BIGINT = column('bigint', 20, encodeBigint);
/** A user id. */
export const TEXT = column('text', 25, encodeText);
/** An update time. */
export const TIMESTAMP = column('timestamp(6) without time zone', 1114, encodeDatetime);
/** The order in which rows were read. */
export const SEQUENCE = BIGINT;

/** The column that values of a type are kept in. */
export function columnType(type: Type): ColumnType {
  switch (type.kind) {
    case 'string':
      return textColumn(type);
    case 'int':
      return integerColumn(type);
    case 'float':
      return floatColumn(type);
    case 'decimal':
      return column(`numeric(${type.precision},${type.scale ?? 0})`, 1700, encodeNumeric);
    case 'array':
      return arrayColumn(elementColumn(type.elementType));
    case 'json':
    case 'map':
    case 'object':
      return jsonColumn(type);
    default:
      return SIMPLE_COLUMNS[type.kind];
  }
}

const SIMPLE_COLUMNS = {
  boolean: column('boolean', 16, encodeBoolean),
  datetime: TIMESTAMP,
  date: column('date', 1082, encodeDate),
  time: column('time(6) without time zone', 1083, encodeTime),
  year: SMALLINT,
  uuid: column('uuid', 2950, encodeUuid),
  ip: column('inet', 869, encodeIp),
};

function textColumn({ maxLength }: StringType): ColumnType {
  if (maxLength === undefined || maxLength > MAX_VARCHAR) return TEXT;
  return column(`character varying(${maxLength})`, 1043, encodeText);
}

function integerColumn({ bitSize, unsigned = false }: IntType): ColumnType {
  if (bitSize === 64) return unsigned ? column('numeric(20,0)', 1700, encodeNumeric) : BIGINT;
  if (bitSize === 32 && unsigned) return BIGINT;
  return bitSize === 8 || (bitSize === 16 && !unsigned) ? SMALLINT : INTEGER;
}

function floatColumn({ bitSize }: FloatType): ColumnType {
  return bitSize === 32 ? column('real', 700, encodeReal) : column('double precision', 701, encodeDouble);
}

function jsonColumn(type: Type): ColumnType {
  const text = compileJsonText(type);
  return column('jsonb', 3802, (value, out) => out.text(text(value), JSONB_VERSION));
}

/** Arrays of arrays would have to be rectangular, so inner arrays are jsonb. */
function elementColumn(type: Type): ColumnType {
  return type.kind === 'array' ? jsonColumn(type) : columnType(type);
}

function arrayColumn(element: ColumnType): ColumnType {
  return column(`${element.sql}[]`, 0, arrayEncoder(element));
}

/** Encodes arrays of one dimension whose elements have the type with the object id. */
export function arrayEncoder({ oid, encode }: Pick<ColumnType, 'oid' | 'encode'>): FieldEncoder {
  return (value, out) => {
    if (!Array.isArray(value)) throw new RefusedValue('value is not an array');
    const elements: readonly Value[] = value;
    out.reserve(24);
    const start = out.position;
    out.int32(0);
    out.int32(elements.length === 0 ? 0 : 1);
    out.int32(elements.includes(null) ? 1 : 0);
    out.int32(oid);
    if (elements.length > 0) encodeElements(elements, encode, out);
    out.closeField(start);
  };
}

function encodeElements(elements: readonly Value[], encode: FieldEncoder, out: WireBuffer): void {
  out.int32(elements.length);
  out.int32(1);
  for (const element of elements) {
    // Elements are not counted in the margin for the fields of fixed width of a row.
    out.reserve(32);
    if (element === null) out.int32(-1);
    else encode(element, out);
  }
}

function encodeText(value: Value, out: WireBuffer): void {
  if (typeof value !== 'string') throw new RefusedValue('value is not a text');
  out.text(value);
}
