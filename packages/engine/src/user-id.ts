import { jsonKind, jsonString, parseDecimal, type Type, type Value } from '@penstock/language';

const MAX_BYTES = 1024;
/** Text of at most this many UTF-16 units cannot exceed the limit in UTF-8. */
const SURELY_SHORT = Math.floor(MAX_BYTES / 3);

export type ReadUserId = (value: Value) => string | undefined;

export interface UserIdReader {
  /** The identifier, or undefined when there is none that can be used. */
  readonly read: ReadUserId;
  /** What is wrong with a value that `read` refused. */
  readonly explain: (value: Value) => string;
}

/**
 * Compiles how a record's identifier is read from its column: text, integers, UUIDs, JSON strings and integers; other numbers
 * where they are integral.
 */
export function compileUserId(column: string, type: Type): UserIdReader {
  const toText = type.kind === 'json' ? jsonText : plainText;
  return {
    read: (value) => {
      const text = toText(value);
      return text === undefined || text === '' || isTooLong(text) || !isStorable(text) ? undefined : text;
    },
    explain: (value) => {
      const text = toText(value);
      if (value === null) return `identifier column "${column}" is null`;
      if (text === undefined) return `identifier column "${column}" is not a string or an integer`;
      if (!isStorable(text)) return `identifier column "${column}" has characters that cannot be stored`;
      return text === ''
        ? `identifier column "${column}" is empty`
        : `identifier column "${column}" is longer than ${MAX_BYTES} bytes`;
    },
  };
}

function plainText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isInteger(value) ? String(BigInt(value)) : undefined;
}

/** A number is written in one way only, so that 12 and 12.0 are one user. */
function jsonText(value: Value): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (jsonKind(value) === 'string') return jsonString(value);
  const decimal = parseDecimal(value.trim());
  return decimal === undefined ? undefined : integerText(decimal);
}

function integerText(decimal: string): string | undefined {
  const [whole, fraction = ''] = decimal.split('.');
  return /^0*$/.test(fraction) ? whole : undefined;
}

/** Escapes of JSON can name a NUL and halves of characters, which a warehouse either refuses or replaces. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function isTooLong(text: string): boolean {
  return text.length > SURELY_SHORT && Buffer.byteLength(text) > MAX_BYTES;
}
