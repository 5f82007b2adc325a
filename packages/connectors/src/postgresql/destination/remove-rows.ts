import type { Value } from '@penstock/language';
import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import type { PostgresqlColumn } from './postgresql-column.js';
import { rowError } from './write-error.js';

/** Class of SQLSTATE of values that cannot be read as the type of the key: the table has no such key. */
const NO_VALUE = /^22/;

/** Deletes the rows of a table by their keys. */
export class RemoveRows {
  readonly #session: PostgresqlSession;
  readonly #statement: string;

  constructor(session: PostgresqlSession, table: string, { name, comparable }: PostgresqlColumn) {
    const key = quoteIdentifier(name);
    this.#session = session;
    this.#statement = `WITH gone AS (DELETE FROM ${table} WHERE ${key} = ANY ($1::${comparable}[]) RETURNING 1)
      SELECT count(*)::integer AS rows FROM gone`;
  }

  /** Returns how many rows there were. Keys that cannot be values of the column are passed over. */
  async remove(keys: readonly Value[]): Promise<number> {
    try {
      const [gone] = await this.#session.rows<{ rows: number }>(this.#statement, [keys.map(String)]);
      return gone?.rows ?? 0;
    } catch (error) {
      if (!NO_VALUE.test(rowError(error)?.code ?? '')) throw error;
      if (keys.length <= 1) return 0;
      const middle = keys.length >> 1;
      return (await this.remove(keys.slice(0, middle))) + (await this.remove(keys.slice(middle)));
    }
  }
}
