import { PacketReader } from './packet-reader.js';

/** What the server says about a column of a result. */
export interface FieldDefinition {
  readonly name: string;
  /** Whether it comes from a column of a table or view, and not from an expression. */
  readonly stored: boolean;
  /** Number of a collation; that of binary strings is 63. */
  readonly collation: number;
  /** Greatest length in bytes; of numbers, the width of their text. */
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly decimals: number;
  /** Name of a type that only MariaDB knows, as `uuid`, or empty. */
  readonly extendedType: string;
  /** `json` where MariaDB knows that a text is JSON, or empty. */
  readonly extendedFormat: string;
}

export const FLAG = { unsigned: 0x20, zerofill: 0x40, enumeration: 0x100, set: 0x800 } as const;

/** Bytes after the names: a length, collation, length, type, flags, decimals and two that are not used. */
const FIXED_BYTES = 13;
const EXTENDED_TYPE = 0;
const EXTENDED_FORMAT = 1;

/** Reads a column definition packet. MariaDB adds a block to it, if it was asked to when the session began. */
export function readFieldDefinition(bytes: Buffer, start: number, end: number): FieldDefinition {
  const reader = new PacketReader(bytes, start, end);
  const [, , , , name, original] = Array.from({ length: 6 }, () => reader.text() ?? '');
  const [extendedType, extendedFormat] = reader.left > FIXED_BYTES ? readExtended(reader) : ['', ''];
  reader.skip(1);
  const collation = reader.number(2);
  const length = reader.number(4);
  const type = reader.number(1);
  const flags = reader.number(2);
  const decimals = reader.number(1);
  const stored = original !== '';
  return { name: name ?? '', stored, collation, length, type, flags, decimals, extendedType, extendedFormat };
}

function readExtended(reader: PacketReader): [type: string, format: string] {
  const found: [string, string] = ['', ''];
  reader.length();
  while (reader.left > FIXED_BYTES) {
    const id = reader.number(1);
    const value = reader.text() ?? '';
    if (id === EXTENDED_TYPE || id === EXTENDED_FORMAT) found[id] = value;
  }
  return found;
}
