import { setTimeout as pause } from 'node:timers/promises';
import type { RefusedRecord, WrittenBatch } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { exactText, OTHER_ROW } from './same-keys.js';
import { STAGE, type StagingPlan } from './staging-table.js';
import { isConflict, refusalOf, rowError } from './write-error.js';

/** Pauses before a batch that met somebody else is tried again. */
const RETRY_AFTER_MS = [50, 250, 600];

/** A batch of which so many rows were refused is not halved any more: whoever writes gives up. */
const MAX_REFUSED = 1_000;

/** Rows by their numbers, both ends inclusive. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** Merges staged rows into the table by the key. Each statement is a transaction of its own, deferred constraints included. */
export class MergeRows {
  readonly #session: PostgresqlSession;
  readonly #insert: string;
  readonly #merge: string;
  readonly #passedOver: string | undefined;
  readonly #sequence: string;
  /** Looking for a conflict before each row costs a third: until there is one, there is none. */
  #isFresh = true;
  #refusals = 0;

  constructor(session: PostgresqlSession, plan: WritePlan) {
    this.#session = session;
    this.#insert = insertStatement(plan);
    this.#merge = mergeStatement(plan);
    this.#passedOver = plan.foldsKeys ? passedOverStatement(plan) : undefined;
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
    if (this.#refusals > MAX_REFUSED) return 0;
    try {
      const values = [range.first, range.last];
      if (await this.#inserted(values)) return range.rows;
      if ((await this.#merged(values)) === range.rows) return range.rows;
      return range.rows - (await this.#refusePassedOver(values, refused));
    } catch (error) {
      const said = rowError(error);
      if (said === undefined) throw error;
      if (range.rows > 1) return await this.#writeHalves(range, refused);
      this.#refusals += 1;
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

  /** Inserts rows none of which the table has; false, with nothing written, when that is not so. */
  async #inserted(values: readonly number[]): Promise<boolean> {
    if (!this.#isFresh) return false;
    try {
      await this.#session.rows(this.#insert, values);
      return true;
    } catch (error) {
      if (rowError(error) === undefined && !isConflict(error)) throw error;
      this.#isFresh = false;
      return false;
    }
  }

  /** Rows that would have replaced others are passed over: says which they are. */
  async #refusePassedOver(values: readonly number[], refused: RefusedRecord[]): Promise<number> {
    if (this.#passedOver === undefined) return 0;
    const rows = await this.#session.rows<{ sequence: number }>(this.#passedOver, values);
    for (const { sequence } of rows) refused.push({ sequence, message: OTHER_ROW });
    this.#refusals += rows.length;
    return rows.length;
  }

  /** Returns how many rows it wrote; where keys are told apart, that is all. */
  async #merged(values: readonly number[]): Promise<number> {
    for (const delayMs of RETRY_AFTER_MS) {
      try {
        return await this.#mergeOnce(values);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await pause(delayMs);
      }
    }
    return await this.#mergeOnce(values);
  }

  async #mergeOnce(values: readonly number[]): Promise<number> {
    const [merged] = await this.#session.rows<{ rows: number }>(this.#merge, values);
    return merged?.rows ?? 0;
  }
}

function insertStatement({ table, staged, sequence }: StagingPlan): string {
  const names = staged.map(({ name }) => quoteIdentifier(name));
  const number = quoteIdentifier(sequence);
  return `INSERT INTO ${table.name} AS t (${names.join(', ')})
    SELECT ${staged.map(({ select }) => select).join(', ')} FROM ${STAGE} WHERE ${number} BETWEEN $1 AND $2 ORDER BY ${number}`;
}

/** Rows whose key is another one are passed over. */
function mergeStatement(plan: WritePlan): string {
  const { staged, foldsKeys } = plan;
  const key = quoteIdentifier(plan.key);
  const replaced = staged.filter(({ name }) => name !== plan.key).map(({ name }) => quoteIdentifier(name));
  const replace = replaced.map((name) => `${name} = EXCLUDED.${name}`).join(', ');
  const same = foldsKeys ? ` WHERE ${exactText(`t.${key}`)} = ${exactText(`EXCLUDED.${key}`)}` : '';
  return `WITH merged AS (${insertStatement(plan)}
    ON CONFLICT (${key}) DO ${replaced.length === 0 ? 'NOTHING' : `UPDATE SET ${replace}${same}`} RETURNING 1)
    SELECT count(*)::integer AS rows FROM merged`;
}

/** Staged rows that the table does not have under their very key. */
function passedOverStatement({ table, sequence, key }: WritePlan): string {
  const [number, name] = [sequence, key].map(quoteIdentifier);
  return `SELECT s.${number}::float8 AS sequence FROM ${STAGE} AS s WHERE s.${number} BETWEEN $1 AND $2 AND NOT EXISTS (
    SELECT 1 FROM ${table.name} AS t WHERE t.${name} = s.${name} AND ${exactText(`t.${name}`)} = ${exactText(`s.${name}`)})`;
}
