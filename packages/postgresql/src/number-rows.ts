import { rowStarts } from './row-starts.js';

const COUNT_BYTES = 2;
const SEQUENCE_BYTES = 8;
/** With its length. */
const FIELD_BYTES = 4 + SEQUENCE_BYTES;

/** Rows of a binary COPY, each with its number as one more column, the last: what `RowEncoder.add` makes of them. */
export function numberRows(rows: Buffer, sequences: readonly number[]): Buffer {
  const numbered = Buffer.allocUnsafe(rows.length + sequences.length * FIELD_BYTES);
  const starts = rowStarts(rows);
  let at = 0;
  for (const [index, sequence] of sequences.entries()) {
    const [start = 0, end = 0] = [starts[index], starts[index + 1]];
    at = numbered.writeInt16BE(rows.readInt16BE(start) + 1, at);
    at += rows.copy(numbered, at, start + COUNT_BYTES, end);
    at = numbered.writeInt32BE(SEQUENCE_BYTES, at);
    at = numbered.writeBigInt64BE(BigInt(sequence), at);
  }
  return numbered;
}
