import type { Value } from '@penstock/language';
import { ServerError } from '../server-error.js';
import type { MysqlSession } from '../session.js';
import type { WritePlan } from './plan-write.js';
import { foldsKeys } from './same-keys.js';
import { quoteIdentifier } from './sql-text.js';
import { RefusedValue, type ValueLiteral } from './value-literal.js';

/** Bounds of a statement: keys have at most 1,024 bytes each, and servers take 1 MiB at least. */
const MAX_KEYS = 10_000;
const MAX_LENGTH = 256 * 1024;
/** Texts that the character set of the column does not have cannot be compared with it: the table has no such key. */
const NOT_COMPARABLE: ReadonlySet<number> = new Set([1267, 1270, 1292, 1300, 1366, 1525, 3854, 3988]);

/** A column of this type has no blanks at the end of its texts. */
const PADDED = /^char/i;

/** Deletes the rows of a table by their keys; one whose key the table only takes for the same is another profile's. */
export class RemoveRows {
  readonly #session: MysqlSession;
  readonly #table: string;
  readonly #key: string;
  readonly #foldsKeys: boolean;
  readonly #isPadded: boolean;
  readonly #literal: ValueLiteral;

  constructor(session: MysqlSession, plan: WritePlan) {
    const index = plan.columns.findIndex(({ name }) => name === plan.key);
    this.#session = session;
    this.#table = plan.table.name;
    this.#key = quoteIdentifier(plan.key);
    this.#foldsKeys = foldsKeys(plan);
    this.#isPadded = PADDED.test(plan.columns[index]?.label ?? '');
    this.#literal = plan.literals[index] ?? String;
  }

  /** Keys as statements have them, in batches. Those that cannot be values of the column are left out. */
  *batches(keys: readonly Value[]): Generator<readonly string[]> {
    let batch: string[] = [];
    let length = 0;
    for (const key of keys) {
      const text = this.#textOf(key);
      if (text === null) continue;
      if (batch.length === MAX_KEYS || (batch.length > 0 && length + text.length > MAX_LENGTH)) {
        yield batch;
        batch = [];
        length = 0;
      }
      batch.push(text);
      length += text.length + 1;
    }
    if (batch.length > 0) yield batch;
  }

  /** Returns how many rows there were. */
  async remove(keys: readonly string[]): Promise<number> {
    try {
      return await this.#session.command(Buffer.from(this.#statement(keys)));
    } catch (error) {
      if (!(error instanceof ServerError) || !NOT_COMPARABLE.has(error.errno)) throw error;
      if (keys.length <= 1) return 0;
      const middle = keys.length >> 1;
      return (await this.remove(keys.slice(0, middle))) + (await this.remove(keys.slice(middle)));
    }
  }

  #statement(keys: readonly string[]): string {
    const list = `(${keys.join(',')})`;
    const exactly = this.#foldsKeys ? ` AND CAST(CONVERT(${this.#key} USING utf8mb4) AS BINARY) IN ${list}` : '';
    return `DELETE FROM ${this.#table} WHERE ${this.#key} IN ${list}${exactly}`;
  }

  #textOf(key: Value): string | null {
    try {
      if (key === null) return null;
      return this.#literal(this.#isPadded && typeof key === 'string' ? key.replace(/ +$/, '') : key);
    } catch (error) {
      if (error instanceof RefusedValue) return null;
      throw error;
    }
  }
}
