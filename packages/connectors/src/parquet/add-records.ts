import type { RawField } from '@penstock/engine';
import type { Value } from '@penstock/language';
import type { BatchBuilder } from '../files/batch-builder.js';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import type { ColumnReader } from './column-reader.js';
import { unreadable } from './corrupt.js';

const TOO_LARGE = {
  step: 'Receive',
  code: 'RecordTooLarge',
  message: `record is larger than ${MAX_RECORD_BYTES / 1024 / 1024} MiB`,
  key: null,
} as const;

/** A character has no more in UTF-8: with fewer of them no record is too large, and nothing needs to be looked at. */
const CHARACTER_BYTES = 3;
const FEW_CHARACTERS = MAX_RECORD_BYTES / CHARACTER_BYTES;
/** Bytes of the records that are put together at once; values may be much larger than their pages let expect. */
const MAX_TAKEN_BYTES = 16 * MAX_RECORD_BYTES;
/** What a value that is no text counts in a list or an object. */
const VALUE_BYTES = 8;

/** Records that come next. */
export interface NextRecords {
  readonly count: number;
  /** Those before them in the file. */
  readonly before: number;
}

/**
 * Takes records of all columns and adds them to a batch. One that is too large becomes unreadable, and its values are let go
 * before those of the next column are taken. Throws AppError InvalidFile.
 */
export function addRecords(
  builder: BatchBuilder,
  columns: readonly ColumnReader[],
  { count, before }: NextRecords,
): void {
  const bytesBefore = bytesOf(columns);
  const vectors: RawField[][] = [];
  let sizes: RecordSizes | undefined;
  let characters = 0;
  for (const column of columns) {
    const vector = column.take(count);
    vectors.push(vector);
    characters += column.characters;
    if (sizes !== undefined) sizes.add(vectors, vectors.length - 1);
    else if (characters > FEW_CHARACTERS) sizes = measured(vectors, count);
  }
  const bytesPerRow = (bytesOf(columns) - bytesBefore) / count;
  for (let index = 0; index < count; index += 1) {
    if (sizes?.isTooLarge(index) === true) {
      const number = before + index + 1;
      builder.addUnreadable({ ...TOO_LARGE, record: () => JSON.stringify({ record: number }) }, 0);
      continue;
    }
    const row = new Array<RawField>(vectors.length);
    for (let column = 0; column < vectors.length; column += 1) row[column] = vectors[column]?.[index];
    builder.add(row, sizes?.bytes(index) ?? bytesPerRow);
  }
  // Columns keep their last values otherwise.
  if (sizes !== undefined) for (const vector of vectors) vector.length = 0;
}

function bytesOf(columns: readonly ColumnReader[]): number {
  return columns.reduce((sum, column) => sum + column.bytes, 0);
}

function measured(vectors: readonly RawField[][], count: number): RecordSizes {
  const sizes = new RecordSizes(count);
  for (let column = 0; column < vectors.length; column += 1) sizes.add(vectors, column);
  return sizes;
}

/** Bytes of each of some records in UTF-8. */
class RecordSizes {
  readonly #bytes: Float64Array;
  #kept = 0;

  constructor(count: number) {
    this.#bytes = new Float64Array(count);
  }

  bytes(index: number): number {
    return this.#bytes[index] ?? 0;
  }

  isTooLarge(index: number): boolean {
    return this.bytes(index) > MAX_RECORD_BYTES;
  }

  /** Counts the values of a column; those of records that are too large are dropped, also of the columns before it. */
  add(vectors: readonly RawField[][], column: number): void {
    const vector = vectors[column] ?? [];
    for (let index = 0; index < this.#bytes.length; index += 1) {
      if (this.isTooLarge(index)) {
        vector[index] = null;
        continue;
      }
      const before = this.bytes(index);
      const bytes = sizeOf(vector[index]);
      this.#bytes[index] = before + bytes;
      this.#kept += bytes;
      if (!this.isTooLarge(index)) continue;
      for (const other of vectors.slice(0, column + 1)) other[index] = null;
      this.#kept -= before + bytes;
    }
    if (this.#kept > MAX_TAKEN_BYTES) {
      throw unreadable(
        `its records need more than ${MAX_TAKEN_BYTES} bytes of memory at once; write it with smaller pages, or select fewer columns`,
      );
    }
  }
}

/** Schemas have a bounded depth, so this may recur. */
function sizeOf(field: RawField): number {
  if (typeof field === 'string') return Buffer.byteLength(field);
  if (Array.isArray(field)) return field.reduce<number>((sum, value: Value) => sum + memberSize(value), 0);
  if (typeof field !== 'object' || field === null || field instanceof Error) return 0;
  let bytes = 0;
  for (const [key, value] of Object.entries(field as Record<string, Value>)) {
    bytes += Buffer.byteLength(key) + memberSize(value);
  }
  return bytes;
}

function memberSize(value: Value): number {
  return VALUE_BYTES + sizeOf(value);
}
