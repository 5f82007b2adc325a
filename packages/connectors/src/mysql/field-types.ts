import type { IntBitSize, Type } from '@penstock/language';
import { type FieldDefinition, FLAG } from './field-definition.js';
import { WIRE, type Wire } from './wire.js';

/** How a column is seen outside of MySQL, and how its values arrive. */
export interface FieldType {
  readonly type: Type;
  readonly wire: Wire;
}

/** Number of the collation of binary strings. */
const BINARY = 63;
/** Bytes that a character of utf8mb4 has at most: lengths count with it. */
const CHARACTER_BYTES = 4;
const MAX_PRECISION = 65;
/** Of a decimal in Penstock; MariaDB has one more digit. */
const MAX_SCALE = 37;

const STRING: FieldType = { type: { kind: 'string' }, wire: WIRE.text };
const HEX: FieldType = { type: { kind: 'string' }, wire: WIRE.hex };
const JSON_TEXT: FieldType = { type: { kind: 'json' }, wire: WIRE.json };
const IP: FieldType = { type: { kind: 'ip' }, wire: WIRE.ip };
const DATETIME: FieldType = { type: { kind: 'datetime' }, wire: WIRE.datetime };

type Resolve = (field: FieldDefinition) => FieldType | undefined;

/** By number of the type in the protocol. */
const TYPES: ReadonlyMap<number, Resolve> = new Map<number, Resolve>([
  [0, decimal],
  [1, int(8, WIRE.int8, WIRE.uint8)],
  [2, int(16, WIRE.int16, WIRE.uint16)],
  [3, int(32, WIRE.int32, WIRE.uint32)],
  [4, () => ({ type: { kind: 'float', bitSize: 32 }, wire: WIRE.float })],
  [5, () => ({ type: { kind: 'float', bitSize: 64 }, wire: WIRE.double })],
  [7, () => DATETIME],
  [8, int(64, WIRE.int64, WIRE.uint64)],
  [9, int(24, WIRE.int32, WIRE.uint32)],
  [10, () => ({ type: { kind: 'date' }, wire: WIRE.date })],
  [11, () => ({ type: { kind: 'time' }, wire: WIRE.time })],
  [12, () => DATETIME],
  [13, () => ({ type: { kind: 'year' }, wire: WIRE.year })],
  [15, boundedText],
  [16, bits],
  [245, () => JSON_TEXT],
  [246, decimal],
  [247, () => STRING], // ENUM
  [248, () => STRING], // SET
  [249, text], // TINYTEXT, TINYBLOB
  [250, text], // MEDIUMTEXT, MEDIUMBLOB
  [251, text], // LONGTEXT, LONGBLOB
  [252, text], // TEXT, BLOB
  [253, boundedText], // VARCHAR, VARBINARY
  [254, boundedText], // CHAR, BINARY, ENUM, SET
]);

/** Types of MariaDB that others see as strings, by name. */
const EXTENDED: ReadonlyMap<string, FieldType> = new Map([
  ['uuid', { type: { kind: 'uuid' }, wire: WIRE.text }],
  ['inet4', IP],
  ['inet6', IP],
  ['json', JSON_TEXT],
]);

/** Names of types that are not supported, for people. */
const DECIMAL = 'DECIMAL';
const LABELS: ReadonlyMap<number, string> = new Map([
  [0, DECIMAL],
  [6, 'NULL'],
  [242, 'VECTOR'],
  [246, DECIMAL],
  [255, 'GEOMETRY'],
]);

/** Undefined when the type is not supported. */
export function fieldType(field: FieldDefinition): FieldType | undefined {
  const extended = EXTENDED.get(field.extendedType) ?? EXTENDED.get(field.extendedFormat);
  return extended ?? TYPES.get(field.type)?.(field);
}

/** The name of a type that is not supported. */
export function typeLabel(field: FieldDefinition): string {
  const label = LABELS.get(field.type) ?? 'unknown';
  return label === DECIMAL ? `${label}(${precisionOf(field)}, ${field.decimals})` : label;
}

function int(bitSize: IntBitSize, signed: Wire, unsigned: Wire): Resolve {
  return ({ flags }) =>
    (flags & FLAG.unsigned) === 0
      ? { type: { kind: 'int', bitSize }, wire: signed }
      : { type: { kind: 'int', bitSize, unsigned: true }, wire: unsigned };
}

/** One bit is what people use as a boolean; more are a number. */
function bits({ length }: FieldDefinition): FieldType {
  return length === 1
    ? { type: { kind: 'boolean' }, wire: WIRE.bit }
    : { type: { kind: 'int', bitSize: 64, unsigned: true }, wire: WIRE.bits };
}

function decimal(field: FieldDefinition): FieldType | undefined {
  const { decimals } = field;
  if (decimals > MAX_SCALE) return undefined;
  const type: Type = { kind: 'decimal', precision: precisionOf(field), ...(decimals > 0 && { scale: decimals }) };
  return { type, wire: WIRE.decimal };
}

/** The length counts the point and, where there may be one, the sign. */
function precisionOf({ length, decimals, flags }: FieldDefinition): number {
  const digits = length - (decimals > 0 ? 1 : 0) - ((flags & FLAG.unsigned) === 0 ? 1 : 0);
  return Math.min(Math.max(digits, decimals, 1), MAX_PRECISION);
}

/**
 * Bytes that are no text are shown as `\x` and hexadecimal digits, as PostgreSQL shows its bytea. Whether a text is bounded is
 * known of columns only; what the server says of expressions changes with every word of a query. There is no bound of 0.
 */
function boundedText(field: FieldDefinition): FieldType {
  const { flags, stored, length } = field;
  if (isBinary(field)) return HEX;
  if (!stored || (flags & (FLAG.enumeration | FLAG.set)) !== 0) return STRING;
  const maxLength = Math.floor(length / CHARACTER_BYTES);
  return maxLength === 0 ? STRING : { type: { kind: 'string', maxLength }, wire: WIRE.text };
}

function text(field: FieldDefinition): FieldType {
  return isBinary(field) ? HEX : STRING;
}

function isBinary({ collation }: FieldDefinition): boolean {
  return collation === BINARY;
}
