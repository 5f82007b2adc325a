import type { DestinationRow, TableInsertion, TableWriter } from './destination.js';

/** Rows that are written together while the next ones are read. More would only wait longer in memory. */
const CHUNK_ROWS = 5_000;

/** Inserts rows of a database that has no faster way than to stage and merge them. */
export class StagedInsertion implements TableInsertion {
  readonly #writer: Pick<TableWriter, 'stage'>;
  #rows: DestinationRow[] = [];
  #first = 0;

  constructor(writer: Pick<TableWriter, 'stage'>) {
    this.#writer = writer;
  }

  add(rows: readonly DestinationRow[], firstSequence: number): boolean {
    if (this.#rows.length === 0) this.#first = firstSequence;
    this.#rows.push(...rows);
    return this.#rows.length >= CHUNK_ROWS;
  }

  async flush(): Promise<number | null> {
    const [rows, first] = [this.#rows, this.#first];
    if (rows.length === 0) return 0;
    this.#rows = [];
    await this.#writer.stage(rows, first);
    return null;
  }
}
