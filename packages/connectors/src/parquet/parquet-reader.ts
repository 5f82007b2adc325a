import { setImmediate } from 'node:timers/promises';
import type { RawField, SourceBatch } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import type { FileColumn, FileReader, LocalFile } from '../files/file-format.js';
import { BATCH_ROWS } from '../files/limits.js';
import type { PageSource } from './chunk-pages.js';
import { allLeaves, type ColumnReader, openColumns } from './column-reader.js';
import { corrupt } from './corrupt.js';
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
      const columns = openColumns(this.#shapes, group, this.#pageSource());
      for (let left = group.rows; left > 0; ) {
        const count = Math.min(left, BATCH_ROWS - collected, await this.#load(columns));
        addRows(builder, columns, count);
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

  /** Makes records available in all columns; returns how many. */
  async #load(columns: readonly ColumnReader[]): Promise<number> {
    this.#signal.throwIfAborted();
    if (this.#closed) throw new Error('the file is read after it was closed');
    let count = BATCH_ROWS;
    for (const [index, column] of columns.entries()) {
      if (column.available === 0 && !(await column.load())) {
        throw corrupt(`column "${this.columns[index]?.name}" has fewer values than there are records`);
      }
      count = Math.min(count, column.available);
    }
    return count;
  }

  #pageSource(): PageSource {
    const share = ALL_PIECES_BYTES / this.#leaves.length;
    const pieceBytes = Math.max(MIN_PIECE_BYTES, Math.min(PIECE_BYTES, Math.floor(share)));
    const { dataEnd } = this.#footer;
    return { file: this.#file, dataEnd, pieceBytes, budget: new PageBudget(), signal: this.#signal };
  }
}

function addRows(builder: BatchBuilder, columns: readonly ColumnReader[], count: number): void {
  const before = bytesOf(columns);
  const vectors = columns.map((column) => column.take(count));
  const bytesPerRow = (bytesOf(columns) - before) / count;
  for (let index = 0; index < count; index += 1) {
    const row = new Array<RawField>(vectors.length);
    for (let column = 0; column < vectors.length; column += 1) row[column] = vectors[column]?.[index];
    builder.add(row, bytesPerRow);
  }
}

function bytesOf(columns: readonly ColumnReader[]): number {
  return columns.reduce((sum, column) => sum + column.bytes, 0);
}
