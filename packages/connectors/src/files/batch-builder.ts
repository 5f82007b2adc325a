import type { RawRow, SourceBatch, UnreadableRecord } from '@penstock/engine';
import { BATCH_BYTES, BATCH_ROWS } from './limits.js';

/** Collects records into batches that are bounded by their number and by their bytes. */
export class BatchBuilder {
  #rows: RawRow[] = [];
  #unreadable: UnreadableRecord[] = [];
  #bytes = 0;

  /** Whether the batch should be taken before more is added. */
  get full(): boolean {
    return this.#bytes >= BATCH_BYTES || this.#rows.length + this.#unreadable.length >= BATCH_ROWS;
  }

  get empty(): boolean {
    return this.#rows.length === 0 && this.#unreadable.length === 0;
  }

  add(row: RawRow, bytes: number): void {
    this.#rows.push(row);
    this.#bytes += bytes;
  }

  /** `bytes` are those that the record's own text holds in memory. */
  addUnreadable(record: UnreadableRecord, bytes: number): void {
    this.#unreadable.push(record);
    this.#bytes += bytes;
  }

  /** The batch so far; the next one begins. */
  take(): SourceBatch {
    const batch: SourceBatch = { rows: this.#rows, unreadable: this.#unreadable };
    [this.#rows, this.#unreadable, this.#bytes] = [[], [], 0];
    return batch;
  }
}
