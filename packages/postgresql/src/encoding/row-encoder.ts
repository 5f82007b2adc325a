import type { Value } from '@penstock/language';
import { type FieldEncoder, SEQUENCE } from './column-type.js';
import { RefusedValue, WireBuffer } from './wire-buffer.js';

/** More than any field of fixed width takes with its length. */
const FIXED_FIELD_SIZE = 24;
const MAX_SPARE_SIZE = 16 * 1024 * 1024;
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

/** What a row is encoded with: the name shown when a field is refused, and the encoder of the field. */
export interface EncodedColumn {
  readonly path: string;
  readonly encode: FieldEncoder;
}

/** Rows of a binary COPY, without signature and trailer. */
export interface EncodedRows {
  readonly bytes: Buffer;
  readonly rows: number;
}

/** The bytes of a whole COPY. */
export function copyStream(rows: Buffer): Buffer[] {
  return [SIGNATURE, rows, TRAILER];
}

/** Encodes rows, compiled once per attempt, into chunks that are taken away one by one. */
export class RowEncoder {
  rows = 0;
  readonly #columns: readonly EncodedColumn[];
  readonly #encoders: readonly FieldEncoder[];
  readonly #margin: number;
  #out: WireBuffer;
  #spare: WireBuffer | undefined;

  constructor(columns: readonly EncodedColumn[]) {
    this.#columns = columns;
    this.#encoders = columns.map((column) => column.encode);
    this.#margin = (columns.length + 1) * FIXED_FIELD_SIZE;
    this.#out = new WireBuffer(this.#margin);
  }

  get size(): number {
    return this.#out.position;
  }

  /** Adds a row with its place in the order of reading, a column of its own. Returns why the row was refused, or undefined. */
  add(row: readonly Value[], sequence: number): string | undefined {
    const refusal = this.#add(row, this.#encoders.length + 1);
    if (refusal === undefined) SEQUENCE.encode(sequence, this.#out);
    return refusal;
  }

  /** Adds a row of nothing but its values. Returns why the row was refused, or undefined. */
  addUnnumbered(row: readonly Value[]): string | undefined {
    return this.#add(row, this.#encoders.length);
  }

  #add(row: readonly Value[], columns: number): string | undefined {
    const out = this.#out;
    const start = out.position;
    let index = 0;
    try {
      out.reserve(0);
      out.int16(columns);
      for (; index < this.#encoders.length; index++) {
        const value = row[index] ?? null;
        if (value === null) out.int32(-1);
        else this.#encoders[index]?.(value, out);
      }
      this.rows++;
      return undefined;
    } catch (error) {
      if (!(error instanceof RefusedValue)) throw error;
      out.position = start;
      return `${this.#columns[index]?.path}: ${error.message}`;
    }
  }

  /** Takes the rows away. Their bytes stay valid until {@link giveBack}. */
  take(): EncodedRows & { readonly buffer: WireBuffer } {
    const buffer = this.#out;
    const taken = { buffer, bytes: buffer.bytes.subarray(0, buffer.position), rows: this.rows };
    this.#out = this.#spare ?? new WireBuffer(this.#margin);
    this.#spare = undefined;
    this.rows = 0;
    return taken;
  }

  /** Returns the memory of rows that have arrived, for later ones; unless a huge row has made it huge. */
  giveBack(buffer: WireBuffer): void {
    if (buffer.bytes.length > MAX_SPARE_SIZE) return;
    buffer.position = 0;
    this.#spare = buffer;
  }
}
