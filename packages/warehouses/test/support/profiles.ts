import { randomUUID } from 'node:crypto';
import type { WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { columnType, copyIn, copyStream, quoteIdentifier, RowEncoder } from '@penstock/postgresql';
import type { Client } from 'pg';

/** A small profile schema; some names are also those of columns of our own tables. */
export const PROFILE_COLUMNS: readonly WarehouseColumn[] = [
  { path: 'email', column: 'email', type: { kind: 'string' } },
  { path: 'key', column: 'key', type: { kind: 'int', bitSize: 32 } },
  { path: 'address.country', column: 'address_country', type: { kind: 'string', maxLength: 2 } },
];

export interface TestProfile {
  readonly id: string;
  readonly revision: number;
  /** By position of the columns. */
  readonly values: readonly Value[];
}

/** `00000000-0000-4000-8000-` and the number. */
export function profileId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A profile with e-mail `<number>@example.com`, key and country. */
export function profile(number: number, changes: Partial<TestProfile> = {}): TestProfile {
  return { id: profileId(number), revision: 1, values: [`${number}@example.com`, number, 'IT'], ...changes };
}

export function profiles(first: number, last: number): TestProfile[] {
  return Array.from({ length: last - first + 1 }, (_, index) => profile(first + index));
}

/** The table of profiles of a schema, as resolutions leave it. */
export class ProfileTable {
  readonly #client: Client;
  readonly #table: string;
  readonly #columns: readonly WarehouseColumn[];

  constructor(client: Client, schema: string, columns = PROFILE_COLUMNS) {
    this.#client = client;
    this.#table = `${quoteIdentifier(schema)}.penstock_profiles`;
    this.#columns = columns;
  }

  async create(): Promise<void> {
    const own = '_id uuid PRIMARY KEY, _revision bigint NOT NULL, _updated_at timestamp(6) NOT NULL DEFAULT now()';
    const columns = this.#columns.map(({ column, type }) => `, ${quoteIdentifier(column)} ${columnType(type).sql}`);
    await this.#client.query(
      `DROP TABLE IF EXISTS ${this.#table}; CREATE TABLE ${this.#table} (${own}${columns.join('')})`,
    );
  }

  /** Adds profiles, or replaces those with the same ids. */
  async put(rows: readonly TestProfile[]): Promise<void> {
    await this.remove(rows.map(({ id }) => id));
    const encoder = new RowEncoder([
      { path: 'id', encode: columnType({ kind: 'uuid' }).encode },
      ...this.#columns.map(({ path, type }) => ({ path, encode: columnType(type).encode })),
    ]);
    for (const { id, values, revision } of rows) {
      const refused = encoder.add([id, ...values], revision);
      if (refused !== undefined) throw new Error(refused);
    }
    const names = ['_id', ...this.#columns.map(({ column }) => column), '_revision'].map(quoteIdentifier).join(', ');
    await copyIn(
      this.#client,
      `COPY ${this.#table} (${names}) FROM STDIN (FORMAT binary)`,
      copyStream(encoder.take().bytes),
    );
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#client.query(`DELETE FROM ${this.#table} WHERE _id = ANY ($1::uuid[])`, [ids]);
  }
}

/** An id of no profile. */
export function unknownId(): string {
  return randomUUID();
}
