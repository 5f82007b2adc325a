import type { SourceBatch, UnreadableRecord } from '@penstock/engine';
import { BatchBuilder } from '../files/batch-builder.js';
import type { FileColumn, FileReader } from '../files/file-format.js';
import type { CsvInput } from './csv-input.js';
import type { RecordParser } from './record-parser.js';
import { type ProblematicRecord, unreadableIn } from './record-problem.js';

/** A CSV file whose columns are known. */
export interface OpenedCsv {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  /** Positions in the file of the columns; null: all, as they are. */
  readonly positions: readonly number[] | null;
  readonly input: CsvInput;
  readonly parser: RecordParser;
  /** A record that was read to find the columns. */
  readonly first: readonly string[] | null;
  readonly encoding: string;
}

/** Reads the records of a CSV file. */
export class CsvReader implements FileReader {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  readonly #file: OpenedCsv;
  readonly #unreadable: (record: ProblematicRecord) => UnreadableRecord;
  readonly #builder = new BatchBuilder();
  #started = false;
  #closed = false;
  readonly #signal: AbortSignal;

  constructor(file: OpenedCsv, signal: AbortSignal) {
    this.#signal = signal;
    this.columns = file.columns;
    this.issues = file.issues;
    this.#file = file;
    this.#unreadable = unreadableIn(file.encoding);
  }

  async *batches(): AsyncGenerator<SourceBatch, void, undefined> {
    if (this.#started) throw new Error('batches of a reader can be read only once');
    this.#started = true;
    try {
      if (this.#file.first !== null) this.#add(this.#file.first);
      do {
        while (this.#fill()) yield this.#take();
      } while (await this.#more());
      if (!this.#builder.empty) yield this.#take();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#file.input.close();
  }

  /** Whether a batch is complete; otherwise more of the file is needed. */
  #fill(): boolean {
    const { parser } = this.#file;
    while (!this.#builder.full) {
      const fields = parser.next();
      if (fields === null) return false;
      this.#add(fields);
    }
    return true;
  }

  #add(fields: readonly string[]): void {
    const { positions, parser } = this.#file;
    const { problem, line, size } = parser;
    if (problem !== null) this.#builder.addUnreadable(this.#unreadable({ problem, line, fields }), size);
    else this.#builder.add(positions === null ? fields : pick(fields, positions), size);
  }

  #take(): SourceBatch {
    this.#signal.throwIfAborted();
    return this.#builder.take();
  }

  async #more(): Promise<boolean> {
    const more = await this.#file.input.more();
    // Closing looks like the end of the file, and whoever reads must not take it for that.
    if (this.#closed) throw new Error('the reader was closed');
    return more;
  }
}

function pick(fields: readonly string[], positions: readonly number[]): string[] {
  const picked: string[] = [];
  for (const position of positions) picked.push(fields[position] ?? '');
  return picked;
}
