import type { WarehouseColumn } from '@penstock/engine';
import type { Value } from '@penstock/language';
import type { IdentitiesRequest, IdentityPage, IdentityRecord } from '../warehouse-platform.js';
import { type SelectedColumn, selectedColumn } from './decode-value.js';
import type { Session } from './session.js';
import { quoteIdentifier } from './sql-text.js';
import type { WarehouseTables } from './warehouse-tables.js';

interface IdentityRow {
  userId: string;
  connection: number;
  pipeline: number;
  updatedAt: string;
  attributes: (string | null)[];
}

/** Lists published identities, newest first. */
export async function listIdentities(
  session: Session,
  tables: WarehouseTables,
  request: IdentitiesRequest,
): Promise<IdentityPage> {
  const columns = (request.columns ?? []).map((column) => ({ ...column, ...selectedColumn(column.type) }));
  const from = `FROM ${tables.identities.sql}
    WHERE ($1::integer IS NULL OR _connection = $1) AND ($2::integer[] IS NULL OR _pipeline = ANY ($2))`;
  const which = [request.connection ?? null, request.pipelines ?? null];
  await session.query("SELECT set_config('DateStyle', 'ISO, YMD', false)");
  const [counted] = await session.query<{ total: string }>(`SELECT count(*) AS total ${from}`, which);
  const rows = await session.query<IdentityRow & Record<string, unknown>>(
    `SELECT _user_id AS "userId", _connection AS connection, _pipeline AS pipeline, _updated_at::text AS "updatedAt",
            ARRAY[${columns.map(({ column, sql }) => sql(quoteIdentifier(column))).join(', ')}]::text[] AS attributes
     ${from} ORDER BY _updated_at DESC, _user_id, _pipeline OFFSET $3 LIMIT $4`,
    [...which, request.first, request.limit],
  );
  return { identities: rows.map((row) => identityOf(row, columns)), total: Number(counted?.total) };
}

function identityOf(row: IdentityRow, columns: readonly (WarehouseColumn & SelectedColumn)[]): IdentityRecord {
  const attributes: Record<string, Value> = {};
  columns.forEach(({ path, decode }, index) => {
    const text = row.attributes[index] ?? null;
    attributes[path] = text === null ? null : decode(text);
  });
  const { userId, connection, pipeline, updatedAt } = row;
  return { userId, connection, pipeline, updatedAt, attributes };
}
