import type { Type, Value } from '@penstock/language';

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

/** Compiles how a record's identifier is read from its column: text, integers, UUIDs, and JSON strings or integers. */
export function compileUserId(column: string, type: Type): UserIdReader {
  const toText = type.kind === 'json' ? jsonText : plainText;
  return {
    read: (value) => {
      const text = toText(value);
      return text === undefined || text === '' || isTooLong(text) ? undefined : text;
    },
    explain: (value) => {
      const text = toText(value);
      if (value === null) return `identifier column "${column}" is null`;
      if (text === undefined) return `identifier column "${column}" is not a string or an integer`;
      return text === ''
        ? `identifier column "${column}" is empty`
        : `identifier column "${column}" is longer than ${MAX_BYTES} bytes`;
    },
  };
}

function plainText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isInteger(value) ? String(value) : undefined;
}

function jsonText(value: Value): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^-?(0|[1-9][0-9]*)$/.test(value)) return value;
  if (!value.startsWith('"')) return undefined;
  return JSON.parse(value) as string;
}

function isTooLong(text: string): boolean {
  return text.length > SURELY_SHORT && Buffer.byteLength(text) > MAX_BYTES;
}
