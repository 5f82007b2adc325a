import { parseDecimal } from '../values/decimal-text.js';
import { utf8Text } from '../values/utf8-text.js';

/** The name of the type of a raw value for messages. */
export function rawTypeName(raw: unknown): string {
  if (typeof raw !== 'object') return typeof raw;
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return 'array';
  for (const [type, name] of NAMED) if (raw instanceof type) return name;
  return 'object';
}

const NAMED = [
  [Uint8Array, 'bytes'],
  [Date, 'Date'],
  [Map, 'Map'],
  [Set, 'Set'],
] as const;

/** Whether a raw value is an object that stands for a JSON object or a record: not an instance of a class. */
export function isPlainObject(raw: unknown): raw is Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return false;
  const prototype: unknown = Object.getPrototypeOf(raw);
  // The prototype of objects from another realm is not ours, but nothing is above it either.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Characters of a number beyond which nobody has written it on purpose. */
export const MAX_NUMBER_LENGTH = 2000;

/** The canonical decimal of an object of a class for numbers (BigNumber, Decimal); undefined for everything else. */
export function decimalOfObject(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || ArrayBuffer.isView(raw)) return undefined;
  if (isPlainObject(raw) || raw instanceof Date) return undefined;
  const text = String(raw);
  return text.length <= MAX_NUMBER_LENGTH ? parseDecimal(text) : undefined;
}

/** Text or the text of bytes; undefined for other types, null when the bytes are not valid UTF-8. */
export function textOf(raw: unknown): string | undefined | null {
  if (typeof raw === 'string') return raw;
  return raw instanceof Uint8Array ? (utf8Text(raw) ?? null) : undefined;
}
