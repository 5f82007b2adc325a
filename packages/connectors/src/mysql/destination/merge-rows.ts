import type { RowMerger, SequenceRange } from '../../tables/merge-batches.js';
import type { MysqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { foldsKeys } from './same-keys.js';
import { quoteIdentifier } from './sql-text.js';

/** A statement about the staged rows, `s`, for which a condition holds. */
type RangeStatement = (condition: string) => string;

/**
 * Merges staged rows into the table by the key: rows that are there are updated, then the missing ones inserted. INSERT .. ON DUPLICATE KEY
 * UPDATE would also replace a row that is the same by another unique index.
 */
export class MergeRows implements RowMerger {
  readonly #session: MysqlSession;
  readonly #plan: WritePlan;
  readonly #update: RangeStatement | undefined;
  readonly #insert: RangeStatement;
  readonly #passedOver: RangeStatement | undefined;

  constructor(session: MysqlSession, plan: WritePlan) {
    this.#session = session;
    this.#plan = plan;
    this.#update = updateStatement(plan);
    this.#insert = insertStatement(plan);
    this.#passedOver = foldsKeys(plan) ? passedOverStatement(plan) : undefined;
  }

  async next(after: number, limit: number): Promise<SequenceRange | null> {
    const name = quoteIdentifier(this.#plan.sequence);
    const [row] = await this.#session.query(`SELECT COUNT(*), MIN(s), MAX(s) FROM (
      SELECT ${name} AS s FROM ${this.#plan.stage} WHERE ${name} > ${after} ORDER BY ${name} LIMIT ${limit}) AS batch`);
    const [rows = 0, first = 0, last = 0] = (row ?? []).map(Number);
    return rows === 0 ? null : { first, last, rows };
  }

  async merge({ first, last }: SequenceRange): Promise<readonly number[]> {
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
