import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DestinationRow, RefusedRecord } from '@penstock/engine';
import { copyAroundRefused, copyStream, quoteIdentifier, RowEncoder } from '@penstock/postgresql';
import type pg from 'pg';
import type { PostgresqlSession } from '../session.js';
import { STAGE, type StagingPlan } from './staging-table.js';
import { refusalOf, rowError } from './write-error.js';

/** Bounds of a chunk, and thereby of memory: one chunk is on its way while the next is being encoded. */
const CHUNK_ROWS = 16_384;
const CHUNK_BYTES = 4 * 1024 * 1024;
export const NO_KEY = 'the key has no value';
/** The length of a sequence, and the sequence, are the last bytes of a row. */
const SEQUENCE_BYTES = 8;

/** Sends rows to the staging table. */
export class Stage {
  /** Rows that have been added since it was empty. */
  rows = 0;
  readonly #session: PostgresqlSession;
  readonly #encoder: RowEncoder;
  readonly #copy: string;
  readonly #keyIndex: number;
  #refused: RefusedRecord[] = [];
  #inFlight: Promise<void> = Promise.resolve();

  constructor(session: PostgresqlSession, { staged, sequence }: StagingPlan, key: string) {
    const names = [...staged.map(({ name }) => name), sequence];
    this.#session = session;
    this.#encoder = new RowEncoder(staged.map(({ name, encode }) => ({ path: name, encode })));
    this.#copy = `COPY ${STAGE} (${names.map(quoteIdentifier).join(', ')}) FROM STDIN (FORMAT binary)`;
    this.#keyIndex = names.indexOf(key);
  }

  /** Encodes rows; full chunks are sent. Waits only when the chunk before has not arrived yet. */
  async add(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    let sequence = firstSequence;
    this.rows += rows.length;
    for (const row of rows) {
      this.#addRow(row, sequence++);
      if (this.#encoder.rows >= CHUNK_ROWS || this.#encoder.size >= CHUNK_BYTES) await this.#send();
    }
    // The socket takes a chunk in parts, in turns of the event loop that a busy caller would not leave it.
    await nextTurn();
  }

  /** Sends rows that are encoded already, their numbers the last of their columns, with those that could not be encoded. */
  async addEncoded(
    bytes: Buffer,
    { rows, refused }: { readonly rows: number; readonly refused: readonly RefusedRecord[] },
  ): Promise<void> {
    this.rows += rows;
    this.#refused.push(...refused);
    await this.finish();
    if (rows > 0) await this.#copyRows(bytes);
  }

  /** Waits until all has arrived. */
  async finish(): Promise<void> {
    if (this.#encoder.rows > 0) await this.#send();
    await this.#inFlight;
  }

  /** Empties the table. */
  async clear(): Promise<void> {
    this.rows = 0;
    await this.#session.rows(`TRUNCATE ${STAGE}`);
  }

  /** Takes away what has been refused. */
  takeRefused(): readonly RefusedRecord[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  #addRow(row: DestinationRow, sequence: number): void {
    const hasKey = (row[this.#keyIndex] ?? null) !== null;
    const message = hasKey ? this.#encoder.add(row, sequence) : NO_KEY;
    if (message !== undefined) this.#refused.push({ sequence, message });
  }

  async #send(): Promise<void> {
    await this.#inFlight;
    this.#inFlight = this.#arrive();
    // Whoever waits next is told.
    this.#inFlight.catch(() => undefined);
  }

  async #arrive(): Promise<void> {
    const { bytes, buffer } = this.#encoder.take();
    await this.#copyRows(bytes);
    this.#encoder.giveBack(buffer);
  }

  async #copyRows(bytes: Buffer): Promise<void> {
    const copy = (rows: Buffer) => this.#session.copyIn(this.#copy, copyStream(rows));
    try {
      await copy(bytes);
    } catch (error) {
      await copyAroundRefused(bytes, { copy, rowError, onRefused: this.#onRefused }, error);
    }
  }

  readonly #onRefused = (row: Buffer, error: pg.DatabaseError): void => {
    const sequence = Number(row.readBigInt64BE(row.length - SEQUENCE_BYTES));
    this.#refused.push({ sequence, message: refusalOf(error) });
  };
}
