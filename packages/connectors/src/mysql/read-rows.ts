import type { RecordFailure } from '@penstock/domain';
import { BatchQueue } from '@penstock/engine';
import { isEnd } from './end-of-rows.js';
import { type FieldDefinition, readFieldDefinition } from './field-definition.js';
import type { Exchange } from './packet-channel.js';
import { PacketReader } from './packet-reader.js';
import { RowReader, type WireColumn } from './row-reader.js';
import { ProtocolError } from './server-error.js';

const OVERSIZED: RecordFailure = {
  step: 'Receive',
  code: 'RecordTooLarge',
  message: 'record is larger than 16 MiB',
  key: null,
};
const NOT_UTF8: RecordFailure = {
  step: 'Receive',
  code: 'InvalidEncoding',
  message: 'record is not valid UTF-8',
  key: null,
};

export interface ReadRowsOptions {
  /** How the columns were announced; null when they are others by now. */
  readonly wiresOf: (fields: readonly FieldDefinition[]) => readonly WireColumn[] | null;
  /** Greatest number of rows; null reads all. */
  readonly limit: number | null;
  /** Called when enough batches wait. */
  readonly onFull: () => void;
}

/** The query returns other columns than those that were announced when it was opened. */
export class ColumnsChangedError extends Error {}

/** Executes a prepared query and puts its rows into batches. */
export class ReadRows implements Exchange {
  readonly batches = new BatchQueue();
  readonly #options: ReadRowsOptions;
  readonly #fields: FieldDefinition[] = [];
  #columns: number | null = null;
  #reader: RowReader | null = null;
  #received = 0;
  #complete = false;

  constructor(options: ReadRowsOptions) {
    this.#options = options;
  }

  /** The server has sent its last row. */
  get complete(): boolean {
    return this.#complete;
  }

  /** A query may return more than the limit, if it has one of its own. */
  get #enough(): boolean {
    return this.#received === this.#options.limit;
  }

  packet(bytes: Buffer, start: number, end: number): boolean {
    if (this.#reader !== null) return this.#row(this.#reader, bytes, start, end);
    if (this.#columns === null) {
      this.#columns = new PacketReader(bytes, start, end).length();
      if (!this.#columns) throw new ProtocolError('the server does not return rows');
    } else if (this.#fields.length < this.#columns) {
      this.#fields.push(readFieldDefinition(bytes, start, end));
    } else this.#begin();
    return false;
  }

  oversized(): void {
    if (this.#reader === null) throw new ProtocolError('the server sends too much');
    if (this.#enough) return;
    this.batches.addUnreadable(OVERSIZED);
    this.#count();
  }

  #begin(): void {
    const wires = this.#options.wiresOf(this.#fields);
    if (wires === null) throw new ColumnsChangedError('the columns of the query have changed');
    this.#reader = new RowReader(wires);
  }

  #row(reader: RowReader, bytes: Buffer, start: number, end: number): boolean {
    if (isEnd(bytes, start, end)) {
      this.#complete = true;
      this.batches.end();
      return true;
    }
    if (this.#enough) return false;
    const row = reader.read(bytes, start, end);
    if (row === undefined) this.batches.addUnreadable(NOT_UTF8);
    else this.batches.addRow(row, end - start);
    this.#count();
    return false;
  }

  #count(): void {
    this.#received += 1;
    if (this.#enough) this.batches.end();
    if (this.batches.full) this.#options.onFull();
  }
}
