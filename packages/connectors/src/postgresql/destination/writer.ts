import type { DestinationRow, TableInsertion, TableWriter, WrittenBatch } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { quoteIdentifier } from '@penstock/postgresql';
import type pg from 'pg';
import { BatchMerging } from '../../tables/merge-batches.js';
import type { PostgresqlSession } from '../session.js';
import { InsertRows } from './insert-rows.js';
import { MergeRows } from './merge-rows.js';
import type { WritePlan } from './plan-write.js';
import { RemoveRows } from './remove-rows.js';
import { excludeSameKeys } from './same-keys.js';
import { Stage } from './stage.js';
import { STAGE } from './staging-table.js';
import { isConflict, refusalOf, rowError, writeError } from './write-error.js';

/** Rows of a transaction. */
const BATCH_ROWS = 10_000;

/** Writes to a table of PostgreSQL in a session of its own. After a failure nothing more can be done with it. */
export class PostgresqlWriter implements TableWriter {
  readonly tellsKeysApart: boolean;
  readonly insertion: TableInsertion;
  readonly #session: PostgresqlSession;
  readonly #plan: WritePlan;
  readonly #signal: AbortSignal;
  readonly #stage: Stage;
  readonly #destroy = (): void => void this.#session.destroy();
  readonly #merge: BatchMerging<pg.DatabaseError>;
  #isIndexed = false;

  constructor(session: PostgresqlSession, plan: WritePlan, signal: AbortSignal) {
    this.#session = session;
    this.#plan = plan;
    this.#signal = signal;
    this.#stage = new Stage(session, plan, plan.key);
    const rows = new InsertRows(session, plan, this.#stage);
    this.insertion = {
      add: (added, firstSequence) => rows.add(added, firstSequence),
      flush: () => this.#guarded('writing', () => rows.flush()),
    };
    this.#merge = new BatchMerging(new MergeRows(session, plan), { rowError, refusalOf, isConflict });
    this.tellsKeysApart = !plan.mayConfuseKeys;
    signal.addEventListener('abort', this.#destroy, { once: true });
  }

  async stage(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    await this.#guarded('staging', () => this.#stage.add(rows, firstSequence));
  }

  async exclude(sequences: readonly number[]): Promise<void> {
    await this.#guarded('staging', async () => {
      await this.#finishStage();
      const text = `DELETE FROM ${STAGE} WHERE ${quoteIdentifier(this.#plan.sequence)} = ANY ($1::bigint[])`;
      for (const part of partsOf(sequences)) await this.#session.rows(text, [part]);
    });
  }

  async *write(): AsyncGenerator<WrittenBatch> {
    const refused = await this.#guarded('staging', () => this.#seal());
    if (refused.length > 0) yield { written: 0, refused };
    let after = -1;
    for (;;) {
      const range = await this.#guarded('writing', () => this.#merge.next(after, BATCH_ROWS));
      if (range === null) break;
      after = range.last;
      yield await this.#guarded('writing', () => this.#merge.write(range));
    }
    await this.#guarded('writing', () => this.#stage.clear());
  }

  async *remove(keys: readonly Value[]): AsyncGenerator<number> {
    const removal = new RemoveRows(this.#session, this.#plan);
    for (const part of partsOf(keys)) yield await this.#guarded('deleting', () => removal.remove(part));
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#destroy);
    await this.#session.destroy();
  }

  /** What must be known of all rows before the first is written: all refused ones, and keys that the table takes for the same. */
  async #seal(): Promise<WrittenBatch['refused']> {
    await this.#finishStage();
    const refused = this.#stage.takeRefused();
    if (!this.#plan.mayConfuseKeys) return refused;
    return [...refused, ...(await excludeSameKeys(this.#session, this.#plan, this.#plan.key))];
  }

  /** The index is made when all rows are there: that costs less than keeping it while they come. A single batch needs none. */
  async #finishStage(): Promise<void> {
    await this.#stage.finish();
    if (this.#isIndexed || this.#stage.rows <= BATCH_ROWS) return;
    this.#isIndexed = true;
    const sequence = quoteIdentifier(this.#plan.sequence);
    await this.#session.rows(`CREATE UNIQUE INDEX ON ${STAGE} (${sequence})`);
    await this.#session.rows(`ANALYZE ${STAGE} (${sequence})`);
  }

  async #guarded<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    this.#signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw writeError(error, this.#session.address, `${doing} rows of table ${this.#plan.table.name}`);
    }
  }
}

function* partsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += BATCH_ROWS) yield items.slice(start, start + BATCH_ROWS);
}
