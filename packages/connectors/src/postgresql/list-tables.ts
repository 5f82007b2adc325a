import { AppError } from '@penstock/domain';
import { MAX_TABLES, type TableName } from '../connector.js';
import { connectError } from './connect-error.js';
import { PostgresqlSession } from './session.js';
import type { PostgresqlSettings } from './settings.js';

/**
 * Tables, partitioned and foreign ones, views and materialized views that the user may read, of whole or by column. Those of
 * the settings' schema come first, by the names by which a query finds them; parts of partitioned tables are left out, as
 * their records are those of the whole.
 */
const TABLES = `
SELECT CASE WHEN own THEN '' ELSE pg_catalog.quote_ident(schema) || '.' END || pg_catalog.quote_ident(name) AS name, view
FROM (
  SELECT n.nspname AS schema, c.relname AS name, c.relkind IN ('v', 'm') AS view, n.nspname = $1 AS own
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
) AS t
ORDER BY own DESC, schema, t.name LIMIT ${MAX_TABLES}`;

interface TableRow extends Record<string, unknown> {
  readonly name: string;
  readonly view: boolean;
}

/**
 * The tables and views that the user may read, as a query names them. Throws AppError `SourceUnavailable` or `SourceRefused`.
 */
export async function listPostgresqlTables(
  settings: PostgresqlSettings,
  signal: AbortSignal,
): Promise<readonly TableName[]> {
  const session = await PostgresqlSession.connect(settings, signal);
  const destroy = () => void session.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    const rows = await session.rows<TableRow>(TABLES, [settings.schema]);
    return rows.map(({ name, view }) => ({ name, type: view ? 'view' : 'table' }));
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : connectError(error, settings);
  } finally {
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}
