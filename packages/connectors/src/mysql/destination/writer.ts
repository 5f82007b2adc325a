import type { DestinationRow, TableWriter, WrittenBatch } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { BatchMerging } from '../../tables/merge-batches.js';
import type { MysqlSession } from '../session.js';
import { MergeRows } from './merge-rows.js';
import type { WritePlan } from './plan-write.js';
import { RemoveRows } from './remove-rows.js';
import { excludeSameKeys } from './same-keys.js';
import { quoteIdentifier } from './sql-text.js';
import { Stage } from './stage.js';
import { isConflict, refusalOf, rowError, writeError } from './write-error.js';

/** Rows of a transaction. */
const BATCH_ROWS = 10_000;

/** Writes to a table of MySQL in a session of its own. After a failure nothing more can be done with it. */
export class MysqlWriter implements TableWriter {
  /** Collations of keys fold case and accents, as a rule. */
  readonly tellsKeysApart = false;
  readonly #session: MysqlSession;
  readonly #plan: WritePlan;
  readonly #signal: AbortSignal;
  readonly #stage: Stage;
  readonly #destroy = (): void => void this.#session.destroy();

  constructor(session: MysqlSession, plan: WritePlan & { readonly maxPacketBytes: number }, signal: AbortSignal) {
    this.#session = session;
    this.#plan = plan;
    this.#signal = signal;
    this.#stage = new Stage(session, plan, plan.maxPacketBytes);
    signal.addEventListener('abort', this.#destroy, { once: true });
  }

  async stage(rows: readonly DestinationRow[], firstSequence: number): Promise<void> {
    await this.#guarded('staging', () => this.#stage.add(rows, firstSequence));
  }

  async exclude(sequences: readonly number[]): Promise<void> {
    await this.#guarded('staging', async () => {
      await this.#stage.finish();
      const remove = `DELETE FROM ${this.#plan.stage} WHERE ${quoteIdentifier(this.#plan.sequence)} IN `;
      for (let start = 0; start < sequences.length; start += BATCH_ROWS) {
        await this.#session.query(
          `${remove}(${sequences
            .slice(start, start + BATCH_ROWS)
            .map(Number)
            .join(',')})`,
        );
      }
    });
  }

  async *write(): AsyncGenerator<WrittenBatch> {
    const refused = await this.#guarded('staging', () => this.#seal());
    if (refused.length > 0) yield { written: 0, refused };
    const merge = new BatchMerging(new MergeRows(this.#session, this.#plan), { rowError, refusalOf, isConflict });
    let after = -1;
    for (;;) {
      const range = await this.#guarded('writing', () => merge.next(after, BATCH_ROWS));
      if (range === null) break;
      after = range.last;
      yield await this.#guarded('writing', () => merge.write(range));
    }
    await this.#guarded('writing', () => this.#session.query(`TRUNCATE ${this.#plan.stage}`));
  }

  async *remove(keys: readonly Value[]): AsyncGenerator<number> {
    const removal = new RemoveRows(this.#session, this.#plan);
    for (const batch of removal.batches(keys)) yield await this.#guarded('deleting', () => removal.remove(batch));
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#destroy);
    await this.#session.destroy();
  }

  /** What must be known of all rows before the first is written: all refused ones, and keys that the table takes for the same. */
  async #seal(): Promise<WrittenBatch['refused']> {
    await this.#stage.finish();
    return [...this.#stage.takeRefused(), ...(await excludeSameKeys(this.#session, this.#plan))];
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
