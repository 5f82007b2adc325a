import type { DestinationRow, RefusedRecord, TableInsertion } from '@penstock/engine';
import { copyStream, numberRows, quoteIdentifier, RowEncoder } from '@penstock/postgresql';
import pg from 'pg';
import { endsSession } from '../query-error.js';
import type { PostgresqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { NO_KEY, type Stage } from './stage.js';

/** Bounds of a chunk, and thereby of memory: one is on its way while the next is being encoded. */
const CHUNK_ROWS = 5_000;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** A COPY passes by the rules of a table, and refuses its policies. */
const TAKES_COPIES = `
SELECT NOT relhasrules AND NOT relrowsecurity AS "takesCopies" FROM pg_catalog.pg_class WHERE oid = $1::oid`;

/**
 * Inserts rows by a COPY into the table itself, which takes half of the time of staging them first; but nobody says which row was at fault, and none
 * is replaced. Once rows were refused, no more are tried. Rows are encoded as they come: thousands of them that wait in memory cost more, because
 * each collection of garbage copies them.
 */
export class InsertRows implements TableInsertion {
  readonly #session: PostgresqlSession;
  readonly #plan: WritePlan;
  readonly #stage: Stage;
  readonly #encoder: RowEncoder;
  readonly #copy: string;
  readonly #keyIndex: number;
  /** Numbers of the encoded rows. */
  #sequences: number[] = [];
  #refused: RefusedRecord[] = [];
  #isPossible: boolean | undefined;

  constructor(session: PostgresqlSession, plan: WritePlan, stage: Stage) {
    const { table, staged, key } = plan;
    const names = staged.map(({ name }) => name);
    this.#session = session;
    this.#plan = plan;
    this.#stage = stage;
    this.#encoder = new RowEncoder(staged.map(({ name, encode }) => ({ path: name, encode })));
    this.#copy = `COPY ${table.name} (${names.map(quoteIdentifier).join(', ')}) FROM STDIN (FORMAT binary)`;
    this.#keyIndex = names.indexOf(key);
  }

  add(rows: readonly DestinationRow[], firstSequence: number): boolean {
    let sequence = firstSequence;
    for (const row of rows) this.#addRow(row, sequence++);
    return this.#encoder.rows >= CHUNK_ROWS || this.#encoder.size >= CHUNK_BYTES;
  }

  async flush(): Promise<number | null> {
    const [sequences, refused] = [this.#sequences, this.#refused];
    if (sequences.length === 0 && refused.length === 0) return 0;
    this.#sequences = [];
    this.#refused = [];
    const { bytes, buffer } = this.#encoder.take();
    const isInserted = refused.length === 0 && (await this.#inserted(bytes));
    if (!isInserted) await this.#stage.addEncoded(numberRows(bytes, sequences), { rows: sequences.length, refused });
    this.#encoder.giveBack(buffer);
    return isInserted ? sequences.length : null;
  }

  #addRow(row: DestinationRow, sequence: number): void {
    const hasKey = (row[this.#keyIndex] ?? null) !== null;
    const message = hasKey ? this.#encoder.addUnnumbered(row) : NO_KEY;
    if (message === undefined) this.#sequences.push(sequence);
    else this.#refused.push({ sequence, message });
  }

  async #inserted(bytes: Buffer): Promise<boolean> {
    this.#isPossible ??= await this.#takesCopies();
    if (!this.#isPossible) return false;
    try {
      await this.#session.copyIn(this.#copy, copyStream(bytes));
      return true;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || endsSession(error)) throw error;
      // Whatever it is: who merges the rows finds out, and says so.
      this.#isPossible = false;
      return false;
    }
  }

  /** Values that were staged as texts have to be cast. */
  async #takesCopies(): Promise<boolean> {
    const { staged, table } = this.#plan;
    if (!staged.every(({ isExact }) => isExact)) return false;
    const [found] = await this.#session.rows<{ takesCopies: boolean }>(TAKES_COPIES, [table.oid]);
    return found?.takesCopies === true;
  }
}
