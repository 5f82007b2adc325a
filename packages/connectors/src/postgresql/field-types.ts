import type { Type } from '@penstock/language';
import {
  type Decoder,
  decodeBoolean,
  decodeDate,
  decodeFloat32,
  decodeInet,
  decodeNumber,
  decodeNumeric,
  decodeTime,
  decodeTimestamp,
  decodeTimestamptz,
  decodeUnboundedNumeric,
  MAX_PRECISION,
  MAX_SCALE,
} from '@penstock/postgresql';

/** How a type of PostgreSQL is seen outside of it. Without a decoder its text is the canonical value. */
export interface FieldType {
  readonly type: Type;
  readonly decoder?: Decoder;
}

/** Type modifiers count from this, -1 is none. */
const MODIFIER_BASE = 4;

const STRING: FieldType = { type: { kind: 'string' } };

/**
 * The types that every database has, by oid. bytea is the text that PostgreSQL shows, `\x` and hexadecimal digits; char(n)
 * keeps the blanks at its end.
 */
const BUILT_IN: ReadonlyMap<number, (modifier: number) => FieldType> = new Map<number, (modifier: number) => FieldType>(
  [
    [16, () => ({ type: { kind: 'boolean' }, decoder: decodeBoolean })],
    [17, () => STRING], // bytea
    [18, () => STRING], // "char"
    [19, () => STRING], // name
    [20, () => ({ type: { kind: 'int', bitSize: 64 } })],
    [21, () => ({ type: { kind: 'int', bitSize: 16 }, decoder: decodeNumber })],
    [23, () => ({ type: { kind: 'int', bitSize: 32 }, decoder: decodeNumber })],
    [25, () => STRING], // text
    [114, () => ({ type: { kind: 'json' } })],
    [142, () => STRING], // xml
    [650, () => STRING], // cidr
    [700, () => ({ type: { kind: 'float', bitSize: 32 }, decoder: decodeFloat32 })],
    [701, () => ({ type: { kind: 'float', bitSize: 64 }, decoder: decodeNumber })],
    [774, () => STRING], // macaddr8
    [829, () => STRING], // macaddr
    [869, () => ({ type: { kind: 'ip' }, decoder: decodeInet })],
    [1042, boundedString], // char(n)
    [1043, boundedString], // varchar(n)
    [1082, () => ({ type: { kind: 'date' }, decoder: decodeDate })],
    [1083, () => ({ type: { kind: 'time' }, decoder: decodeTime })],
    [1114, () => ({ type: { kind: 'datetime' }, decoder: decodeTimestamp })],
    [1184, () => ({ type: { kind: 'datetime' }, decoder: decodeTimestamptz })],
    [1700, numeric],
    [2950, () => ({ type: { kind: 'uuid' } })],
    [3802, () => ({ type: { kind: 'json' } })],
  ],
);

/** Types of extensions that are seen by their name, because their oid differs from database to database. */
const BY_NAME: ReadonlyMap<string, FieldType> = new Map([['citext', STRING]]);

/** The type with an oid; undefined when it is not one that every database has, or is not supported. */
export function builtInType(oid: number, modifier: number): FieldType | undefined {
  return BUILT_IN.get(oid)?.(modifier);
}

/** The type of an extension; undefined when it is not supported. */
export function extensionType(name: string): FieldType | undefined {
  return BY_NAME.get(name);
}

/** The type of an enumeration: its text. Its labels are left out: adding one must not count as another schema. */
export const ENUMERATION = STRING;

function boundedString(modifier: number): FieldType {
  return modifier < MODIFIER_BASE ? STRING : { type: { kind: 'string', maxLength: modifier - MODIFIER_BASE } };
}

/** The modifier holds precision and scale, the latter as a signed number of eleven bits. */
function numeric(modifier: number): FieldType {
  const limits = modifier - MODIFIER_BASE;
  const scale = ((limits & 0x7ff) ^ 0x400) - 0x400;
  // A scale can be negative, for zeros before the point, or greater than the precision, for zeros after it.
  const precision = Math.max((limits >> 16) & 0xffff, 0) - Math.min(scale, 0);
  if (modifier < MODIFIER_BASE || precision > MAX_PRECISION || scale > MAX_SCALE) {
    return { type: { kind: 'decimal', precision: MAX_PRECISION, scale: MAX_SCALE }, decoder: decodeUnboundedNumeric };
  }
  const size = { kind: 'decimal', precision: Math.max(precision, scale) } as const;
  return { type: scale > 0 ? { ...size, scale } : size, decoder: decodeNumeric };
}
