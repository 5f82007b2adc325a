import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SourceBatch } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import type { FileColumn, FileReader } from '../files/file-format.js';
import { BATCH_BYTES } from '../files/limits.js';
import type { OpenedSheet } from './open-sheet.js';
import { RecordParser, readValues, TOO_LARGE, unreadableRow } from './record-parser.js';
import type { SheetColumns } from './sheet-columns.js';
import type { SheetRow } from './sheet-rows.js';

/** Reads the records of a sheet whose columns are known. */
export class SheetReader implements FileReader {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  readonly #sheet: OpenedSheet;
  readonly #parser: RecordParser;
  readonly #batch = new BatchBuilder();
  #started = false;

  constructor(sheet: OpenedSheet, columns: SheetColumns) {
    this.columns = columns.columns;
    this.issues = columns.issues;
    this.#sheet = sheet;
    this.#parser = new RecordParser(sheet.rows.cells, { places: columns.places, count: columns.columns.length });
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    if (this.#started) throw new Error('batches of a reader can be read only once');
    this.#started = true;
    const { rows, signal } = this.#sheet;
    try {
      do {
        for (let row = rows.next(); row !== null; row = rows.next()) {
          this.#take(row);
          if (!this.#batch.full) continue;
          yield this.#batch.take();
          // One chunk of a file can make many large records: whoever wants to stop the read gets a turn.
          await nextTurn();
          signal.throwIfAborted();
        }
      } while (await rows.more());
      if (!this.#batch.empty) yield this.#batch.take();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#sheet.close();
  }

  #take(row: SheetRow): void {
    if (row.failure !== null) {
      this.#batch.addUnreadable(unreadableRow(row.failure, row.number), 0);
      return;
    }
    const { rows } = this.#sheet;
    // The row itself is another one when somebody looks at the record.
    const { number, xml } = row;
    const record = rows.parse(number, () => this.#parser.parse());
    if (record === null) return;
    if (!('code' in record)) {
      this.#batch.add(record, this.#parser.bytes);
    } else if (record === TOO_LARGE) {
      // It took the time of a whole batch.
      this.#batch.addUnreadable(unreadableRow(record, number), BATCH_BYTES);
    } else {
      this.#batch.addUnreadable(
        unreadableRow(record, number, () => this.#values(number, xml)),
        xml.length,
      );
    }
  }

  /** The row is read once more only where somebody wants to see it. */
  #values(number: number, xml: string): readonly string[] {
    const { rows } = this.#sheet;
    const values = rows.parse(number, () => {
      rows.cells.start(xml);
      return readValues(rows.cells);
    });
    return Array.isArray(values) ? values : [];
  }
}
