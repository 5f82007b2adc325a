import { setImmediate } from 'node:timers/promises';
import type { SourceBatch } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import type { FileColumn, FileReader, LocalFile } from '../files/file-format.js';
import { BATCH_BYTES, BATCH_ROWS } from '../files/limits.js';
import { addRecords } from './add-records.js';
import type { PageSource } from './chunk-pages.js';
import { allLeaves, type ColumnReader, openColumns } from './column-reader.js';
import { corrupt, unreadable } from './corrupt.js';
import type { Footer } from './footer.js';
import type { Leaf } from './leaf.js';
import { PageBudget } from './page-budget.js';
import type { ColumnPlan } from './plan-columns.js';
import { readRowGroup } from './row-group.js';
import type { Shape } from './shape.js';

/** Bytes that are read at once for one column, and for all together. */
const PIECE_BYTES = 1024 * 1024;
const MIN_PIECE_BYTES = 16 * 1024;
const ALL_PIECES_BYTES = 32 * 1024 * 1024;
/** Bytes that nested columns hold together until their records are put together. */
const MAX_HELD_BYTES = 384 * 1024 * 1024;

/** Reads row group after row group, of each some records of all columns at a time. */
export class ParquetReader implements FileReader {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  readonly #file: LocalFile;
  readonly #footer: Footer;
  readonly #shapes: readonly Shape[];
  readonly #leaves: readonly Leaf[];
  readonly #signal: AbortSignal;
  #closed = false;

  constructor(file: LocalFile, footer: Footer, { columns, issues }: ColumnPlan, signal: AbortSignal) {
    this.columns = columns.map(({ column }) => column);
    this.issues = issues;
    [this.#file, this.#footer, this.#signal] = [file, footer, signal];
    this.#shapes = columns.map(({ shape }) => shape);
    this.#leaves = allLeaves(this.#shapes);
  }

  async *batches(): AsyncGenerator<SourceBatch> {
    const builder = new BatchBuilder();
    let rows = 0;
    let collected = 0;
    for (const offset of this.#footer.groups) {
      const group = readRowGroup(
        this.#footer,
        offset,
        this.#leaves.map(({ index }) => index),
      );
      rows += group.rows;
      if (rows > this.#footer.rows) throw corrupt('its row groups have more records than it says');
      if (group.rows === 0) {
        // There may be many.
        await setImmediate();
        this.#signal.throwIfAborted();
        continue;
      }
      const columns = openColumns(this.#shapes, group, this.#pageSource());
      for (let left = group.rows; left > 0; ) {
        const count = Math.min(left, BATCH_ROWS - collected, await this.#load(columns));
        addRecords(builder, columns, { count, before: rows - left });
        left -= count;
        collected += count;
        if (!builder.full) continue;
        collected = 0;
        yield builder.take();
        // What comes out of memory does not let anything else happen.
        await setImmediate();
      }
    }
    if (rows < this.#footer.rows) throw corrupt('its row groups have fewer records than it says');
    if (!builder.empty) yield builder.take();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Makes records available in all columns; returns how many to take: fewer where they are large. */
  async #load(columns: readonly ColumnReader[]): Promise<number> {
    this.#signal.throwIfAborted();
    if (this.#closed) throw new Error('the file is read after it was closed');
    let count = BATCH_ROWS;
    let [recordBytes, held] = [1, 0];
    for (const [index, column] of columns.entries()) {
      if (column.available === 0 && !(await column.load())) {
        throw corrupt(`column "${this.columns[index]?.name}" has fewer values than there are records`);
      }
      count = Math.min(count, column.available);
      recordBytes += column.bytesPerRecord;
      held += column.held;
      if (held > MAX_HELD_BYTES) {
        throw unreadable(`its records need more than ${MAX_HELD_BYTES} bytes of memory at once; select fewer columns`);
      }
    }
    return Math.min(count, Math.ceil(BATCH_BYTES / recordBytes));
  }

  #pageSource(): PageSource {
    const share = ALL_PIECES_BYTES / this.#leaves.length;
    const pieceBytes = Math.max(MIN_PIECE_BYTES, Math.min(PIECE_BYTES, Math.floor(share)));
    const { dataEnd } = this.#footer;
    return { file: this.#file, dataEnd, pieceBytes, budget: new PageBudget(), signal: this.#signal };
  }
}
