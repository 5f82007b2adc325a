import type { IntBitSize, Type } from '@penstock/language';
import { decodeDecimal32, decodeDecimal64, decodeFixedDecimal, decodeVariableDecimal } from './decode-decimals.js';
import {
  decodeBoolean,
  decodeFloat16,
  decodeFloat32,
  decodeFloat64,
  decodeInt32,
  decodeInt64,
  decodeSmallInt,
  decodeUint32,
  decodeUint64,
} from './decode-numbers.js';
import { decodeFixedTexts, decodeJson, decodeTexts, decodeUuid } from './decode-texts.js';
import { decodeDate, decodeInt96, decodeTime, decodeTimestamp, digitsOf } from './decode-times.js';
import type { DecodePlain } from './plain-bytes.js';
import { refuse } from './refuse.js';
import { type Annotation, PHYSICAL, type SchemaElement } from './schema-element.js';

/** Greatest precision and scale of a decimal. */
const MAX_PRECISION = 76;
const MAX_SCALE = 37;

const UUID_BYTES = 16;
const FLOAT16_BYTES = 2;

const { boolean, int32, int64, int96, float, double, byteArray, fixed } = PHYSICAL;

/** What the values of a leaf are in Penstock, and how they are read. */
export interface LeafType {
  readonly type: Type;
  readonly decode: DecodePlain;
}

/** A leaf of the schema whose type is to be found. */
interface LeafPlace {
  readonly element: SchemaElement;
  /** How messages name it. */
  readonly path: string;
}

/** undefined: there is no such type in Penstock. */
export function leafType(place: LeafPlace): LeafType | undefined {
  const { annotation, physical, width } = place.element;
  if (physical === fixed && width < 1) return undefined;
  return annotation === undefined ? physicalType(place) : ANNOTATED.get(annotation.name)?.(place, annotation);
}

/** What a file says of the type of a leaf that cannot be read. */
export function typeName({ annotation, physical }: SchemaElement): string {
  if (annotation?.name === 'DECIMAL') return `DECIMAL(${annotation.precision}, ${annotation.scale})`;
  return annotation?.name ?? Object.keys(PHYSICAL)[physical ?? -1] ?? 'group';
}

function physicalType({ element, path }: LeafPlace): LeafType | undefined {
  switch (element.physical) {
    case boolean:
      return { type: { kind: 'boolean' }, decode: decodeBoolean };
    case int32:
      return { type: { kind: 'int', bitSize: 32 }, decode: decodeInt32 };
    case int64:
      return { type: { kind: 'int', bitSize: 64 }, decode: decodeInt64 };
    case int96:
      return { type: { kind: 'datetime' }, decode: decodeInt96(path) };
    case float:
      return { type: { kind: 'float', bitSize: 32 }, decode: decodeFloat32 };
    case double:
      return { type: { kind: 'float', bitSize: 64 }, decode: decodeFloat64 };
    default:
      return textType({ element, path });
  }
}

const ANNOTATED: ReadonlyMap<string, (place: LeafPlace, annotation: Annotation) => LeafType | undefined> = new Map<
  string,
  (place: LeafPlace, annotation: Annotation) => LeafType | undefined
>([
  ['STRING', textType],
  ['ENUM', textType],
  ['JSON', ({ element, path }) => when(element.physical === byteArray, { kind: 'json' }, () => decodeJson(path))],
  ['UUID', ({ element }) => when(isFixed(element, UUID_BYTES), { kind: 'uuid' }, () => decodeUuid)],
  [
    'FLOAT16',
    ({ element }) => when(isFixed(element, FLOAT16_BYTES), { kind: 'float', bitSize: 32 }, () => decodeFloat16),
  ],
  ['DATE', ({ element, path }) => when(element.physical === int32, { kind: 'date' }, () => decodeDate(path))],
  ['TIME', timeType],
  ['TIMESTAMP', timestampType],
  ['INTEGER', integerType],
  ['DECIMAL', decimalType],
]);

function when(fits: boolean, type: Type, decode: () => DecodePlain): LeafType | undefined {
  return fits ? { type, decode: decode() } : undefined;
}

function isFixed({ physical, width }: SchemaElement, bytes: number): boolean {
  return physical === fixed && width === bytes;
}

function textType({ element, path }: LeafPlace): LeafType | undefined {
  const type = { kind: 'string' } as const;
  if (element.physical === byteArray) return { type, decode: decodeTexts(path) };
  return when(element.physical === fixed, type, () => decodeFixedTexts(path, element.width));
}

function timeType({ element, path }: LeafPlace, { unit }: Annotation): LeafType | undefined {
  const digits = digitsOf(unit);
  if (digits === undefined || element.physical !== (digits === 3 ? int32 : int64)) return undefined;
  return { type: { kind: 'time' }, decode: decodeTime(path, digits) };
}

function timestampType({ element, path }: LeafPlace, { unit }: Annotation): LeafType | undefined {
  const digits = digitsOf(unit);
  if (digits === undefined || element.physical !== int64) return undefined;
  return { type: { kind: 'datetime' }, decode: decodeTimestamp(path, digits) };
}

function integerType({ element, path }: LeafPlace, { bitWidth, signed }: Annotation): LeafType | undefined {
  const bitSize = ([8, 16, 32, 64] as const).find((size) => size === bitWidth);
  if (bitSize === undefined || element.physical !== (bitSize === 64 ? int64 : int32)) return undefined;
  const type = { kind: 'int', bitSize, ...(signed === false ? { unsigned: true } : {}) } as const;
  return { type, decode: decodeInteger(path, bitSize, signed !== false) };
}

function decodeInteger(path: string, bitSize: IntBitSize, signed: boolean): DecodePlain {
  if (bitSize === 64) return signed ? decodeInt64 : decodeUint64;
  if (bitSize === 32) return signed ? decodeInt32 : decodeUint32;
  const minimum = signed ? -(2 ** (bitSize - 1)) : 0;
  const maximum = 2 ** (signed ? bitSize - 1 : bitSize) - 1;
  const message = `number of property "${path}" is not in range [${minimum},${maximum}]`;
  return decodeSmallInt(minimum, maximum, refuse('NumberOutOfRange', message));
}

function decimalType({ element, path }: LeafPlace, { precision = 0, scale = 0 }: Annotation): LeafType | undefined {
  if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > Math.min(MAX_SCALE, precision))
    return undefined;
  const decode = decodeDecimal(element, path, { precision, scale });
  const size = { kind: 'decimal', precision } as const;
  return decode === undefined ? undefined : { type: scale > 0 ? { ...size, scale } : size, decode };
}

function decodeDecimal(
  { physical, width }: SchemaElement,
  path: string,
  size: { readonly precision: number; readonly scale: number },
): DecodePlain | undefined {
  if (physical === int32) return decodeDecimal32(path, size);
  if (physical === int64) return decodeDecimal64(path, size);
  if (physical === byteArray) return decodeVariableDecimal(path, size);
  return physical === fixed ? decodeFixedDecimal(path, size, width) : undefined;
}
