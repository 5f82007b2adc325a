import { quoteIdentifier } from '@penstock/postgresql';
import type { RowMerger, SequenceRange } from '../../tables/merge-batches.js';
import type { PostgresqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { exactText } from './same-keys.js';
import { STAGE, type StagingPlan } from './staging-table.js';
import { isConflict, rowError } from './write-error.js';

/** Merges staged rows into the table by the key. Each statement is a transaction of its own, deferred constraints included. */
export class MergeRows implements RowMerger {
  readonly #session: PostgresqlSession;
  readonly #insert: string;
  readonly #merge: string;
  readonly #passedOver: string | undefined;
  readonly #sequence: string;
  /** Looking for a conflict before each row costs a third: until there is one, there is none. */
  #isFresh = true;

  constructor(session: PostgresqlSession, plan: WritePlan) {
    this.#session = session;
    this.#insert = insertStatement(plan);
    this.#merge = mergeStatement(plan);
    this.#passedOver = plan.foldsKeys ? passedOverStatement(plan) : undefined;
    this.#sequence = quoteIdentifier(plan.sequence);
  }

  async next(after: number, limit: number): Promise<SequenceRange | null> {
    const text = `SELECT count(*)::integer AS rows, min(s)::float8 AS first, max(s)::float8 AS last FROM (
      SELECT ${this.#sequence} AS s FROM ${STAGE} WHERE ${this.#sequence} > $1 ORDER BY 1 LIMIT $2) AS batch`;
    const [range] = await this.#session.rows<Record<string, unknown> & SequenceRange>(text, [after, limit]);
    return range === undefined || range.rows === 0 ? null : range;
  }

  async merge(range: SequenceRange): Promise<readonly number[]> {
    const values = [range.first, range.last];
    if (await this.#inserted(values)) return [];
    const [merged] = await this.#session.rows<{ rows: number }>(this.#merge, values);
    return merged?.rows === range.rows ? [] : await this.#findPassedOver(values);
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

  /** Where keys are told apart there are none. */
  async #findPassedOver(values: readonly number[]): Promise<number[]> {
    if (this.#passedOver === undefined) return [];
    const rows = await this.#session.rows<{ sequence: number }>(this.#passedOver, values);
    return rows.map(({ sequence }) => sequence);
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
