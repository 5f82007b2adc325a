import { setTimeout as pause } from 'node:timers/promises';
import type { RefusedRecord, WrittenBatch } from '@penstock/engine';
import type { MysqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { quoteIdentifier } from './sql-text.js';
import { isConflict, refusalOf, rowError } from './write-error.js';

/** Pauses before a batch that met somebody else is tried again. */
const RETRY_AFTER_MS = [50, 250, 600];

/** Rows by their numbers, both ends inclusive. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** A statement about the staged rows, `s`, for which a condition holds. */
type RangeStatement = (condition: string) => string;

/**
 * Merges staged rows into the table by the key: rows that are there are updated, then the missing ones inserted. INSERT .. ON DUPLICATE KEY
 * UPDATE would also replace a row that is the same by another unique index.
 */
export class MergeRows {
  readonly #session: MysqlSession;
  readonly #plan: WritePlan;
  readonly #statements: readonly RangeStatement[];

  constructor(session: MysqlSession, plan: WritePlan) {
    this.#session = session;
    this.#plan = plan;
    this.#statements = [...updateStatement(plan), insertStatement(plan)];
  }

  /** Writes a batch. When it is refused, its halves are written in its place, down to the rows that are at fault. */
  async write(range: SequenceRange): Promise<WrittenBatch> {
    const refused: RefusedRecord[] = [];
    const written = await this.#write(range, refused);
    return { written, refused };
  }

  /** The next so many rows behind a number; null when there are none. */
  async next(after: number, limit: number): Promise<SequenceRange | null> {
    const name = quoteIdentifier(this.#plan.sequence);
    const [row] = await this.#session.query(`SELECT COUNT(*), MIN(s), MAX(s) FROM (
      SELECT ${name} AS s FROM ${this.#plan.stage} WHERE ${name} > ${after} ORDER BY ${name} LIMIT ${limit}) AS batch`);
    const [rows = 0, first = 0, last = 0] = (row ?? []).map(Number);
    return rows === 0 ? null : { first, last, rows };
  }

  async #write(range: SequenceRange, refused: RefusedRecord[]): Promise<number> {
    try {
      await this.#merged(range);
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

  async #merged(range: SequenceRange): Promise<void> {
    for (const delayMs of RETRY_AFTER_MS) {
      try {
        await this.#merge(range);
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
        await pause(delayMs);
      }
    }
    await this.#merge(range);
  }

  async #merge({ first, last }: SequenceRange): Promise<void> {
    const range = `s.${quoteIdentifier(this.#plan.sequence)} BETWEEN ${first} AND ${last}`;
    await this.#session.query('START TRANSACTION');
    try {
      for (const statement of this.#statements) await this.#session.query(statement(range));
      await this.#session.query('COMMIT');
    } catch (error) {
      // A session that is gone has rolled back; what it was refused for is what counts.
      await this.#session.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** None where there is nothing beside the key. */
function updateStatement({ table, columns, stage, key }: WritePlan): RangeStatement[] {
  const names = columns.filter(({ name }) => name !== key).map(({ name }) => quoteIdentifier(name));
  if (names.length === 0) return [];
  const replace = names.map((name) => `t.${name} = s.${name}`).join(', ');
  const on = quoteIdentifier(key);
  const update = `UPDATE ${stage} AS s STRAIGHT_JOIN ${table.name} AS t ON t.${on} = s.${on} SET ${replace}`;
  return [(condition) => `${update} WHERE ${condition}`];
}

function insertStatement({ table, columns, stage, sequence, key }: WritePlan): RangeStatement {
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const on = quoteIdentifier(key);
  const insert = `INSERT INTO ${table.name} (${names.join(', ')}) SELECT ${names.map((name) => `s.${name}`).join(', ')}
    FROM ${stage} AS s LEFT JOIN ${table.name} AS t ON t.${on} = s.${on}`;
  const order = `ORDER BY s.${quoteIdentifier(sequence)}`;
  return (condition) => `${insert} WHERE ${condition} AND t.${on} IS NULL ${order}`;
}
