import type { WritableTable } from '../../tables/table-columns.js';
import type { PostgresqlSession } from '../session.js';
import { TypeCatalog } from '../type-catalog.js';
import { type FoundTable, findTable } from './find-table.js';
import type { PostgresqlColumn } from './postgresql-column.js';
import { isStagedExactly } from './staged-column.js';

/**
 * The type of the key as its index compares it, for parameters: a domain restricts, and a length cuts, what is only looked for. Collations
 * are named where they are not the type's own.
 */
const COLUMNS = `
SELECT a.attname AS name, a.atttypid AS oid, a.atttypmod AS modifier,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS label,
  pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), -1) AS comparable,
  a.attnotnull OR t.typnotnull AS "notNull",
  a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS "hasDefault",
  a.attgenerated <> '' AS generated, a.attidentity = 'a' AS counted,
  pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT')
    AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
    AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS allowed,
  CASE WHEN c.oid IS NOT NULL THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname)
    ELSE '' END AS collation,
  coalesce(c.collisdeterministic, true) AS deterministic
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation AND c.collname <> 'default'
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

/** Unique indexes on one column and nothing else, at once: rows can be merged by them. */
const KEYS = `
SELECT DISTINCT a.attname AS name FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate
  AND i.indnkeyatts = 1 AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY a.attname`;

interface CatalogColumn extends Record<string, unknown> {
  readonly name: string;
  readonly oid: number;
  readonly modifier: number;
  readonly label: string;
  readonly comparable: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  readonly counted: boolean;
  readonly allowed: boolean;
  readonly collation: string;
  readonly deterministic: boolean;
}

/** A table of PostgreSQL that can be written. */
export interface PostgresqlTable extends WritableTable<PostgresqlColumn> {
  readonly oid: string;
  readonly catalog: TypeCatalog;
}

/** Reads what a table is, by its name as a query names it. Throws AppError `DestinationRefused`, or what the server says. */
export async function readTable(session: PostgresqlSession, table: string, schema: string): Promise<PostgresqlTable> {
  const { oid, name } = await findTable(session, table, schema);
  const rows = await session.rows<CatalogColumn>(COLUMNS, [oid]);
  const references = rows.map((row) => ({ dataTypeID: row.oid, dataTypeModifier: row.modifier }));
  const catalog = await TypeCatalog.of(session, references);
  const columns = rows.map((row) => columnOf(row, catalog));
  const exact = new Set(columns.filter((column) => isStagedExactly(column, catalog)).map((column) => column.name));
  const keys = (await keysOf(session, { oid, name })).filter((key) => exact.has(key));
  return { oid, name, catalog, keys, columns };
}

async function keysOf(session: PostgresqlSession, { oid }: FoundTable): Promise<readonly string[]> {
  return (await session.rows<{ name: string }>(KEYS, [oid])).map(({ name }) => name);
}

function columnOf(row: CatalogColumn, catalog: TypeCatalog): PostgresqlColumn {
  const { name, label, oid, modifier, notNull, hasDefault, comparable, collation, deterministic } = row;
  return {
    ...{ name, label, oid, comparable, collation, deterministic },
    type: catalog.resolve(oid, modifier)?.type ?? null,
    nullable: !notNull,
    required: notNull && !hasDefault,
    obstacle: obstacleOf(row),
  };
}

function obstacleOf({ generated, counted, allowed }: CatalogColumn): string | null {
  if (generated || counted) return 'is generated';
  return allowed ? null : 'may not be read, inserted and updated by the user: grant that';
}
