import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportTarget, SentRecord } from '@penstock/engine';
import { copyStream } from '@penstock/postgresql';
import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { copyRecords, createRecords, RecordEncoder } from './fingerprint-rows.js';
import type { Turns } from './turns.js';

/** Bounds of a chunk: one is on its way while the next is being encoded. */
const CHUNK_ROWS = 16_384;
const CHUNK_BYTES = 8 * 1024 * 1024;
/** Numbers of refused records, which only this session has to see. */
const REFUSED = 'pg_temp.penstock_refused';

export interface RecordStaging {
  readonly session: Session;
  readonly turns: Turns;
  readonly target: ExportTarget;
  readonly table: TableName;
  /** A table that becomes the fingerprints is made to last. */
  readonly lasts: boolean;
}

/** The records that an attempt is going to send. The table is created with the first chunk. */
export class StagedRecords {
  /** Whether there is a table, or may be one after a failure. */
  isCreated = false;
  readonly #staging: RecordStaging;
  readonly #encoder: RecordEncoder;
  #inFlight: Promise<void> = Promise.resolve();
  #hasRefused = false;

  constructor(staging: RecordStaging) {
    this.#staging = staging;
    this.#encoder = new RecordEncoder(staging.target);
  }

  get table(): TableName {
    return this.#staging.table;
  }

  /** Condition that a record, as `s`, was not refused. */
  get unlessRefused(): string {
    return this.#hasRefused ? `NOT EXISTS (SELECT 1 FROM ${REFUSED} AS r WHERE r.sequence = s._seq)` : 'true';
  }

  /** Encodes records; full chunks are sent. Waits only when the chunk before has not arrived yet. */
  async stage(records: readonly SentRecord[], firstSequence: number): Promise<void> {
    this.#staging.session.throwIfAborted();
    const { rows } = this.#encoder;
    let sequence = firstSequence;
    for (const record of records) {
      this.#encoder.add(record, sequence++);
      if (rows.rows >= CHUNK_ROWS || rows.size >= CHUNK_BYTES) await this.#send();
    }
    await nextTurn();
  }

  /** Sends what is left and waits until all has arrived. */
  async finish(): Promise<void> {
    if (this.#encoder.rows.rows > 0) await this.#send();
    await this.#inFlight;
  }

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    await this.#inFlight;
  }

  /** Marks records as refused; returns their profiles, by position. All records have been staged by then. */
  async refuse(sequences: readonly number[]): Promise<string[]> {
    if (sequences.length === 0) return [];
    await this.finish();
    const { session, turns, table } = this.#staging;
    return turns.take(async () => {
      if (!this.#hasRefused) await this.#prepareRefusing();
      const rows = await session.query<{ profile: string }>(
        `WITH refused AS (
           INSERT INTO ${REFUSED} SELECT DISTINCT unnest($1::bigint[]) ON CONFLICT DO NOTHING
         )
         SELECT s.profile FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (sequence, place)
         JOIN ${table.sql} AS s ON s._seq = asked.sequence
         WHERE s._seq BETWEEN $2 AND $3 ORDER BY place`,
        [sequences, min(sequences), max(sequences)],
      );
      return rows.map(({ profile }) => profile);
    });
  }

  /** Takes the refused records out for good. */
  async dropRefused(): Promise<void> {
    if (!this.#hasRefused) return;
    await this.#staging.session.query(
      `DELETE FROM ${this.table.sql} AS s USING ${REFUSED} AS r WHERE r.sequence = s._seq`,
    );
  }

  /** Records were staged in the order of their numbers: such an index takes no time, and leads to a few pages. */
  async #prepareRefusing(): Promise<void> {
    await this.#staging.session.query(`
      CREATE TEMPORARY TABLE penstock_refused (sequence bigint PRIMARY KEY);
      CREATE INDEX ON ${this.table.sql} USING brin (_seq) WITH (pages_per_range = 16)`);
    this.#hasRefused = true;
  }

  async #send(): Promise<void> {
    await this.#inFlight;
    const { bytes, buffer } = this.#encoder.rows.take();
    this.#inFlight = this.#staging.turns.take(() => this.#arrive(bytes));
    this.#inFlight.then(
      () => this.#encoder.rows.giveBack(buffer),
      // Whoever waits next is told.
      () => {},
    );
  }

  async #arrive(bytes: Buffer): Promise<void> {
    const { session, table, lasts } = this.#staging;
    if (!this.isCreated) {
      this.isCreated = true;
      await createRecords(session, table.sql, lasts ? 'TABLE' : 'TEMPORARY TABLE');
    }
    await session.copyIn(copyRecords(table.sql), copyStream(bytes));
  }
}

function min(numbers: readonly number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number));
}

function max(numbers: readonly number[]): number {
  return numbers.reduce((greatest, number) => Math.max(greatest, number));
}
