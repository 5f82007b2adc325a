import type { Value } from '@penstock/language';
import { quoteIdentifier } from '@penstock/postgresql';
import type { PostgresqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { exactText } from './same-keys.js';
import { rowError } from './write-error.js';

/** Class of SQLSTATE of values that cannot be read as the type of the key: the table has no such key. */
const NO_VALUE = /^22/;

/** Deletes the rows of a table by their keys; one whose key the table only takes for the same is another profile's. */
export class RemoveRows {
  readonly #session: PostgresqlSession;
  readonly #statement: string;

  constructor(session: PostgresqlSession, { table, columns, key: name, foldsKeys }: WritePlan) {
    const key = quoteIdentifier(name);
    const keys = `$1::${columns.find((column) => column.name === name)?.comparable ?? 'text'}[]`;
    const exactly = foldsKeys ? ` AND ${exactText(key)} = ANY ((${keys})::text[])` : '';
    this.#session = session;
    this.#statement = `WITH gone AS (DELETE FROM ${table.name} WHERE ${key} = ANY (${keys})${exactly} RETURNING 1)
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
