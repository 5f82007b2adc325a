import type { IdentitiesRequest, IdentityPage, IdentityRecord } from '../warehouse-platform.js';
import { type AttributesSelection, attributesSelection, ISO_DATES } from './profiles/attributes.js';
import type { Session } from './session.js';
import type { WarehouseTables } from './warehouse-tables.js';

/** An identity as statements select it. */
export interface IdentityRow {
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
  const selection = attributesSelection(request.columns ?? []);
  const from = `FROM ${tables.identities.sql}
    WHERE ($1::integer IS NULL OR _connection = $1) AND ($2::integer[] IS NULL OR _pipeline = ANY ($2))`;
  const which = [request.connection ?? null, request.pipelines ?? null];
  await session.query(`SELECT ${ISO_DATES}`);
  const [counted] = await session.query<{ total: string }>(`SELECT count(*) AS total ${from}`, which);
  const order = '_updated_at DESC, _user_id, _pipeline';
  // Values become texts outside of the page, where they are few.
  const rows = await session.query<IdentityRow & Record<string, unknown>>(
    `SELECT ${identityFields(selection)}
     FROM (SELECT * ${from} ORDER BY ${order} OFFSET $3 LIMIT $4) AS page ORDER BY ${order}`,
    [...which, request.first, request.limit],
  );
  return { identities: rows.map((row) => identityOf(row, selection)), total: Number(counted?.total) };
}

/** The fields of an {@link IdentityRow}, as SQL. */
export function identityFields({ sql }: AttributesSelection): string {
  return `_user_id AS "userId", _connection AS connection, _pipeline AS pipeline, _updated_at::text AS "updatedAt",
            ${sql} AS attributes`;
}

/** Makes a row an identity. */
export function identityOf(row: IdentityRow, selection: AttributesSelection): IdentityRecord {
  const { userId, connection, pipeline, updatedAt, attributes } = row;
  return { userId, connection, pipeline, updatedAt, attributes: selection.decode(attributes) };
}
