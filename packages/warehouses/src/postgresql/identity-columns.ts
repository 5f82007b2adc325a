import type { WarehouseColumn } from '@penstock/engine';
import { columnType, quoteIdentifier } from '@penstock/postgresql';

/** Penstock's own columns of the identities, before those of the profile schema. */
export const META_COLUMNS = [
  { name: '_pipeline', sql: 'integer' },
  { name: '_connection', sql: 'integer' },
  { name: '_user_id', sql: 'text COLLATE "C"' },
  { name: '_updated_at', sql: 'timestamp(6) without time zone' },
  { name: '_run', sql: 'bigint' },
] as const;

/** The columns of the identities, our own first, as SQL. */
export function columnDefinitions(columns: readonly WarehouseColumn[]): string {
  const own = META_COLUMNS.map(({ name, sql }) => `${name} ${sql} NOT NULL`);
  const profile = columns.map(({ column, type }) => `${quoteIdentifier(column)} ${columnType(type).sql}`);
  return [...own, ...profile].join(', ');
}
