import { setTimeout as pause } from 'node:timers/promises';
import type { RefusedRecord, WrittenBatch } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import { STAGE, type StagingPlan } from './staging-table.js';
import { isConflict, refusalOf, rowError } from './write-error.js';

/** Pauses before a batch that met somebody else is tried again. */
const RETRY_AFTER_MS = [50, 250, 600];

/** Rows by their numbers, both ends inclusive. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** Merges staged rows into the table by the key. Each statement is a transaction of its own, deferred constraints included. */
export class MergeRows {
  readonly #session: PostgresqlSession;
  readonly #merge: string;
  readonly #sequence: string;

  constructor(session: PostgresqlSession, plan: StagingPlan, key: string) {
    this.#session = session;
    this.#merge = mergeStatement(plan, key);
    this.#sequence = quoteIdentifier(plan.sequence);
  }

  /** Writes a batch. When it is refused, its halves are written in its place, down to the rows that are at fault. */
  async write(range: SequenceRange): Promise<WrittenBatch> {
    const refused: RefusedRecord[] = [];
    const written = await this.#write(range, refused);
    return { written, refused };
  }

  /** The next so many rows behind a number; null when there are none. */
  async next(after: number, limit: number): Promise<SequenceRange | null> {
    const text = `SELECT count(*)::integer AS rows, min(s)::float8 AS first, max(s)::float8 AS last FROM (
      SELECT ${this.#sequence} AS s FROM ${STAGE} WHERE ${this.#sequence} > $1 ORDER BY 1 LIMIT $2) AS batch`;
    const [range] = await this.#session.rows<Record<string, unknown> & SequenceRange>(text, [after, limit]);
    return range === undefined || range.rows === 0 ? null : range;
  }

  async #write(range: SequenceRange, refused: RefusedRecord[]): Promise<number> {
    try {
      await this.#merged([range.first, range.last]);
      return range.rows;
    } catch (error) {
      const said = rowError(error);
      if (said === undefined) throw error;
      if (range.rows > 1) return await this.#writeHalves(range, refused);
      refused.push({ sequence: range.first, message: refusalOf(said) });
      return 0;
    }
  }

  async #writeHalves({ first, last, rows }: SequenceRange, refused: RefusedRecord[]): Promise<number> {
    const front = await this.next(first - 1, rows >> 1);
    if (front === null) return 0;
    const written = await this.#write(front, refused);
    return written + (await this.#write({ first: front.last + 1, last, rows: rows - front.rows }, refused));
  }

  async #merged(values: readonly number[]): Promise<void> {
    for (const delayMs of RETRY_AFTER_MS) {
      try {
        await this.#session.rows(this.#merge, values);
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await pause(delayMs);
      }
    }
    await this.#session.rows(this.#merge, values);
  }
}

function mergeStatement({ table, staged, sequence }: StagingPlan, key: string): string {
  const names = staged.map(({ name }) => quoteIdentifier(name));
  const replaced = staged.filter(({ name }) => name !== key).map(({ name }) => quoteIdentifier(name));
  const replace = replaced.map((name) => `${name} = EXCLUDED.${name}`).join(', ');
  const number = quoteIdentifier(sequence);
  return `INSERT INTO ${table.name} (${names.join(', ')})
    SELECT ${staged.map(({ select }) => select).join(', ')} FROM ${STAGE} WHERE ${number} BETWEEN $1 AND $2 ORDER BY ${number}
    ON CONFLICT (${quoteIdentifier(key)}) DO ${replaced.length === 0 ? 'NOTHING' : `UPDATE SET ${replace}`}`;
}
