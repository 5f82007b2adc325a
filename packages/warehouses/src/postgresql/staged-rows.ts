import { setImmediate as nextTurn } from 'node:timers/promises';
import { StepError } from '@penstock/domain';
import type { ImportTarget, StagedRow } from '@penstock/engine';
import { copyStream, quoteIdentifier, type RowEncoder } from '@penstock/postgresql';
import { copyAroundRefused, type RefusedRow } from './copy-around-refused.js';
import { createStagingTable, type Persistence } from './create-staging-table.js';
import { isRowError } from './database-error.js';
import type { Session } from './session.js';
import { encodedColumns, mappedColumns } from './staged-columns.js';
import type { TableName } from './warehouse-tables.js';

/** Bounds of a chunk, and thereby of memory: one chunk is on its way while the next is being encoded. */
const CHUNK_ROWS = 16_384;
const CHUNK_BYTES = 8 * 1024 * 1024;
/** So many refused records are tolerated. */
const MAX_REFUSED = 1_000;

export interface Staging {
  readonly target: ImportTarget;
  readonly table: TableName;
  /** Logged where the table will become the pipeline's partition, and so must survive a crash of the server. */
  readonly persistence: Persistence;
}

/** The rows that an attempt stages. The table is created with the first chunk: a run without rows costs nothing. */
export class StagedRows {
  /** Rows that the warehouse has acknowledged. */
  acknowledged = 0;
  refused = 0;
  /** Whether there is a table, or may be one after a failure. */
  isCreated = false;
  readonly #session: Session;
  readonly #staging: Staging;
  readonly #encoder: RowEncoder;
  readonly #copy: string;
  readonly #pathOfColumn: ReadonlyMap<string, string>;
  #sequence = 0;
  #inFlight: Promise<void> = Promise.resolve();

  constructor(session: Session, staging: Staging) {
    const columns = mappedColumns(staging.target);
    const names = ['_user_id', '_updated_at', ...columns.map(({ column }) => column), '_seq'];
    this.#session = session;
    this.#staging = staging;
    this.#encoder = encodedColumns(columns);
    this.#copy = `COPY ${staging.table.sql} (${names.map(quoteIdentifier).join(', ')}) FROM STDIN (FORMAT binary)`;
    this.#pathOfColumn = new Map(columns.map(({ column, path }) => [column, path]));
  }

  /** Encodes rows; full chunks are sent. Waits only when the chunk before has not arrived yet. */
  async stage(rows: readonly StagedRow[]): Promise<void> {
    this.#session.throwIfAborted();
    const encoder = this.#encoder;
    for (const row of rows) {
      const reason = encoder.add(row, this.#sequence++);
      if (reason !== undefined) this.#refuse(reason, row[0]);
      if (encoder.rows >= CHUNK_ROWS || encoder.size >= CHUNK_BYTES) await this.#send();
    }
    // The socket takes a chunk in parts, in turns of the event loop that a busy caller would not leave it.
    await nextTurn();
  }

  /** Sends what is left and waits until all has arrived. */
  async finish(): Promise<void> {
    if (this.#encoder.rows > 0) await this.#send();
    await this.#inFlight;
  }

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    await this.#inFlight;
  }

  async #send(): Promise<void> {
    await this.#inFlight;
    this.#inFlight = this.#arrive();
    // Whoever waits next is told.
    this.#inFlight.catch(() => {});
  }

  async #arrive(): Promise<void> {
    const { bytes, rows, buffer } = this.#encoder.take();
    if (!this.isCreated) {
      this.isCreated = true;
      await createStagingTable(this.#session, this.#staging);
    }
    try {
      await this.#copyRows(bytes);
      this.acknowledged += rows;
    } catch (error) {
      if (!isRowError(error)) throw error;
      this.acknowledged += await copyAroundRefused(
        bytes,
        { copy: (part) => this.#copyRows(part), onRefused: (row) => this.#refuseRow(row) },
        error,
      );
    }
    this.#encoder.giveBack(buffer);
  }

  async #copyRows(rows: Buffer): Promise<void> {
    await this.#session.copyIn(this.#copy, copyStream(rows));
  }

  #refuseRow({ column, reason, userId }: RefusedRow): void {
    const path = column === undefined ? undefined : this.#pathOfColumn.get(column);
    this.#refuse(path === undefined ? reason : `${path}: ${reason}`, userId);
  }

  #refuse(message: string, key: string): void {
    this.refused++;
    if (this.refused > MAX_REFUSED) {
      throw new StepError('Finalize', 'TooManyRefusedRecords', {
        message: `the data warehouse refused more than ${MAX_REFUSED} records; the last one because ${message}`,
      });
    }
    this.#staging.target.onRefused({ step: 'Finalize', code: 'Refused', message, key });
  }
}
