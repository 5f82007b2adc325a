import { setTimeout as pause } from 'node:timers/promises';
import type { RefusedRecord, WrittenBatch } from '@penstock/engine';
import type { MysqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { foldsKeys, OTHER_ROW } from './same-keys.js';
import { quoteIdentifier } from './sql-text.js';
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

/** A statement about the staged rows, `s`, for which a condition holds. */
type RangeStatement = (condition: string) => string;

/**
 * Merges staged rows into the table by the key: rows that are there are updated, then the missing ones inserted. INSERT .. ON DUPLICATE KEY
 * UPDATE would also replace a row that is the same by another unique index.
 */
export class MergeRows {
  readonly #session: MysqlSession;
  readonly #plan: WritePlan;
  readonly #update: RangeStatement | undefined;
  readonly #insert: RangeStatement;
  readonly #passedOver: RangeStatement | undefined;
  #refusals = 0;

  constructor(session: MysqlSession, plan: WritePlan) {
    this.#session = session;
    this.#plan = plan;
    this.#update = updateStatement(plan);
    this.#insert = insertStatement(plan);
    this.#passedOver = foldsKeys(plan) ? passedOverStatement(plan) : undefined;
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
    if (this.#refusals > MAX_REFUSED) return 0;
    try {
      const passedOver = await this.#merged(range);
      for (const sequence of passedOver) refused.push({ sequence, message: OTHER_ROW });
      this.#refusals += passedOver.length;
      return range.rows - passedOver.length;
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

  /** Returns the numbers of the rows that it passed over, because they would have replaced others. */
  async #merged(range: SequenceRange): Promise<number[]> {
    for (const delayMs of RETRY_AFTER_MS) {
      try {
        return await this.#merge(range);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await pause(delayMs);
      }
    }
    return await this.#merge(range);
  }

  async #merge({ first, last }: SequenceRange): Promise<number[]> {
    const range = `s.${quoteIdentifier(this.#plan.sequence)} BETWEEN ${first} AND ${last}`;
    await this.#session.query('START TRANSACTION');
    try {
      if (this.#update !== undefined) await this.#session.query(this.#update(range));
      const passedOver = this.#passedOver === undefined ? [] : await this.#session.query(this.#passedOver(range));
      await this.#session.query(this.#insert(range));
      await this.#session.query('COMMIT');
      return passedOver.map(([sequence]) => Number(sequence));
    } catch (error) {
      // A session that is gone has rolled back; what it was refused for is what counts.
      await this.#session.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** None where there is nothing beside the key. A row whose key is another one stays as it is. */
function updateStatement(plan: WritePlan): RangeStatement | undefined {
  const names = plan.columns.filter(({ name }) => name !== plan.key).map(({ name }) => quoteIdentifier(name));
  if (names.length === 0) return undefined;
  const replace = names.map((name) => `t.${name} = s.${name}`).join(', ');
  const same = foldsKeys(plan) ? ` AND NOT (${isOtherKey(plan)})` : '';
  return (condition) => `UPDATE ${metRows(plan)}${same} SET ${replace} WHERE ${condition}`;
}

/** Numbers of staged rows where the table has a row with another key that it takes for the same. */
function passedOverStatement(plan: WritePlan): RangeStatement {
  const select = `SELECT s.${quoteIdentifier(plan.sequence)} FROM ${metRows(plan)} AND ${isOtherKey(plan)}`;
  return (condition) => `${select} WHERE ${condition}`;
}

/** Staged rows with those of the table that have their key. */
function metRows({ table, stage, key }: WritePlan): string {
  const on = quoteIdentifier(key);
  return `${stage} AS s STRAIGHT_JOIN ${table.name} AS t ON t.${on} = s.${on}`;
}

function isOtherKey({ key }: WritePlan): string {
  const on = quoteIdentifier(key);
  return `CAST(t.${on} AS BINARY) <> CAST(s.${on} AS BINARY)`;
}

function insertStatement({ table, columns, stage, sequence, key }: WritePlan): RangeStatement {
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const on = quoteIdentifier(key);
  const insert = `INSERT INTO ${table.name} (${names.join(', ')}) SELECT ${names.map((name) => `s.${name}`).join(', ')}
    FROM ${stage} AS s LEFT JOIN ${table.name} AS t ON t.${on} = s.${on}`;
  const order = `ORDER BY s.${quoteIdentifier(sequence)}`;
  return (condition) => `${insert} WHERE ${condition} AND t.${on} IS NULL ${order}`;
}
