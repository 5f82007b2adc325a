import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExportTarget, SentRecord } from '@penstock/engine';
import { copyStream, integerLiteral } from '@penstock/postgresql';
import { lost } from '../fence.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { copyRecords, createRecords, RecordEncoder } from './fingerprint-rows.js';
import type { Turns } from './turns.js';

/** Confirmed records wait for others until there are so many: losing them costs the next attempt a comparison. */
const CHUNK_ROWS = 16_384;

interface Hold {
  readonly session: Session;
  readonly turns: Turns;
  readonly tables: WarehouseTables;
  readonly target: ExportTarget;
}

/** Notes what a destination has accepted, in a table that only grows: a COPY and a commit for as many records as wait. */
export class AcceptedJournal {
  readonly #hold: Hold;
  readonly #encoder: RecordEncoder;
  #sequence = 0;
  #isCreated = false;
  #waiting: Promise<void> | undefined;

  constructor(hold: Hold) {
    this.#hold = hold;
    this.#encoder = new RecordEncoder(hold.target);
  }

  /** Resolves when the records are committed. Throws FenceLostError when a later attempt has begun. */
  async accept(records: readonly SentRecord[]): Promise<void> {
    if (records.length === 0) return;
    for (const record of records) this.#encoder.add(record, this.#sequence++);
    await this.flush();
  }

  async confirm(records: readonly SentRecord[]): Promise<void> {
    for (const record of records) this.#encoder.addConfirmed(record, this.#sequence++);
    if (this.#encoder.rows.rows >= CHUNK_ROWS) await this.flush();
    // The socket takes a chunk in parts, in turns of the event loop that a busy caller would not leave it.
    else await nextTurn();
  }

  /** Commits all that waits. Callers that come while a commit is under way share the next one. */
  flush(): Promise<void> {
    this.#waiting ??= this.#hold.turns.take(async () => {
      this.#waiting = undefined;
      if (this.#encoder.rows.rows > 0) await this.#commit();
    });
    return this.#waiting;
  }

  async #commit(): Promise<void> {
    const { session, tables, target } = this.#hold;
    const journal = tables.accepted(target.pipeline).sql;
    const { bytes, buffer } = this.#encoder.rows.take();
    await session.transaction(async () => {
      await this.#requireFence();
      if (!this.#isCreated) await createRecords(session, journal, 'TABLE');
      await session.copyIn(copyRecords(journal), copyStream(bytes));
    });
    this.#isCreated = true;
    this.#encoder.rows.giveBack(buffer);
  }

  /** The row is locked: a later attempt takes it, and reads the journal, when this is committed or undone. */
  async #requireFence(): Promise<void> {
    const { session, tables, target } = this.#hold;
    const [pipeline, run, epoch] = [target.pipeline, target.run, target.epoch].map(integerLiteral);
    const fence = await session.query(
      `SELECT 1 FROM ${tables.fences.sql}
       WHERE pipeline = ${pipeline} AND run = ${run} AND epoch = ${epoch} AND NOT tombstone FOR SHARE`,
    );
    if (fence.length === 0) throw lost();
  }
}
