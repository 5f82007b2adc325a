import type { WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import { columnType, copyIn, copyStream, quoteIdentifier, RowEncoder, TIMESTAMP } from '@penstock/postgresql';
import type { Client } from 'pg';
import { COLUMNS } from './people.js';
import { schemaOf } from './test-database.js';

export interface ProfileRow {
  /** UUID; {@link profileId} makes one. */
  readonly id: string;
  readonly updatedAt?: string;
  /** By position of the columns. */
  readonly values?: readonly Value[];
}

/** `00000000-0000-4000-8000-000000000001` and so on. */
export function profileId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** Makes the profiles of a place these, in tables of their own, as a resolution would. */
export async function setProfiles(
  client: Client,
  settings: unknown,
  { rows, columns = COLUMNS }: { readonly rows: readonly ProfileRow[]; readonly columns?: readonly WarehouseColumn[] },
): Promise<void> {
  const table = `${schemaOf(settings)}.penstock_profiles`;
  const own = ['_id uuid PRIMARY KEY', '_updated_at timestamp(6) NOT NULL'];
  const definitions = columns.map(({ column, type }) => `${quoteIdentifier(column)} ${columnType(type).sql}`);
  await client.query(`DROP TABLE IF EXISTS ${table};
    CREATE TABLE ${table} (${[...own, ...definitions].join(', ')}, _revision bigint NOT NULL)`);
  const encoder = new RowEncoder([
    { path: 'id', encode: columnType({ kind: 'uuid' }).encode },
    { path: 'update time', encode: TIMESTAMP.encode },
    ...columns.map(({ path, type }) => ({ path, encode: columnType(type).encode })),
  ]);
  for (const { id, updatedAt = '2024-05-06 07:08:09', values = [] } of rows) {
    const refusal = encoder.add([id, updatedAt, ...values], 1);
    if (refusal !== undefined) throw new Error(refusal);
  }
  await copyIn(client, `COPY ${table} FROM STDIN (FORMAT binary)`, copyStream(encoder.take().bytes));
}

/** Makes identities of a place belong to profiles. */
export async function setMembers(
  client: Client,
  settings: unknown,
  members: readonly { readonly profile: string; readonly pipeline: number; readonly userId: string }[],
): Promise<void> {
  const table = `${schemaOf(settings)}.penstock_identity_profiles`;
  await client.query(`DROP TABLE IF EXISTS ${table};
    CREATE TABLE ${table} (_pipeline integer, _user_id text COLLATE "C", _connection integer, _profile uuid)`);
  await client.query(
    `INSERT INTO ${table} SELECT pipeline, "userId", 0, profile FROM json_to_recordset($1)
     AS member (pipeline integer, "userId" text, profile uuid)`,
    [JSON.stringify(members)],
  );
}
