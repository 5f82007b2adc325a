import { AppError, type ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import type { WarehouseOwner } from '../warehouse-platform.js';
import { whyUnusable } from './check-warehouse.js';
import { columnType } from './encoding/column-type.js';
import { columnDefinitions, META_COLUMNS } from './identity-columns.js';
import type { Session } from './session.js';
import { quoteIdentifier } from './sql-text.js';
import type { WarehouseTables } from './warehouse-tables.js';

const MAX_NAME_BYTES = 63;
/** The server's limit is 1,600; our own columns and those that alterations dropped count as well. */
const MAX_COLUMNS = 1_400;

/**
 * Creates the tables of a workspace where they are missing, in one transaction. Throws AppErrors: DifferentWarehouse when the
 * schema belongs to another workspace, WarehouseNotInitializable with what has to change.
 */
export async function initializeWarehouse(
  session: Session,
  tables: WarehouseTables,
  { workspace, columns }: WarehouseOwner,
): Promise<void> {
  requireColumns(columns);
  try {
    await session.transaction(async () => {
      await session.query('SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))', ['penstock', tables.schema]);
      await requireUsable(session, tables.schema);
      await requireOwner(session, tables, workspace);
      await createTables(session, tables, columns);
      await session.query(`INSERT INTO ${tables.workspace.sql} (workspace) VALUES ($1) ON CONFLICT DO NOTHING`, [
        workspace,
      ]);
      await requireSameColumns(session, tables, columns);
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'WarehouseRefused') throw error;
    throw new AppError('WarehouseNotInitializable', { message: error.message, cause: error });
  }
}

async function requireUsable(session: Session, schema: string): Promise<void> {
  const reason = await whyUnusable(session, schema);
  if (reason === undefined) return;
  throw new AppError('WarehouseNotInitializable', { message: `data warehouse cannot be initialised: ${reason}` });
}

async function requireOwner(session: Session, tables: WarehouseTables, workspace: number): Promise<void> {
  const [found] = await session.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [tables.workspace.sql]);
  if (found === undefined) return;
  const [owner] = await session.query<{ workspace: number }>(`SELECT workspace FROM ${tables.workspace.sql}`);
  if (owner !== undefined && owner.workspace !== workspace) throw new AppError('DifferentWarehouse');
}

async function createTables(
  session: Session,
  { schema, workspace, identities, fences }: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  // Looked up first: CREATE SCHEMA IF NOT EXISTS wants the privilege even where there is nothing to do.
  const [existing] = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (existing === undefined) await session.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
  await session.query(`CREATE TABLE IF NOT EXISTS ${workspace.sql} (
    workspace integer NOT NULL, only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row))`);
  // The text comes first in the key: behind a constant, sorting could not use the text's first bytes as a shortcut.
  await session.query(`CREATE TABLE IF NOT EXISTS ${identities.sql} (
    ${columnDefinitions(columns)}, PRIMARY KEY (_user_id, _pipeline)) PARTITION BY LIST (_pipeline)`);
  await session.query(`CREATE TABLE IF NOT EXISTS ${fences.sql} (
    pipeline integer PRIMARY KEY, run bigint NOT NULL, epoch bigint NOT NULL, tombstone boolean NOT NULL DEFAULT false,
    receipt_run bigint, receipt jsonb, updated_at timestamptz NOT NULL DEFAULT now())`);
}

const ACTUAL_COLUMNS = `
  SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`;

/** The table may be older than the profile schema. */
async function requireSameColumns(
  session: Session,
  { identities }: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  const actual = await session.query<{ name: string; type: string }>(ACTUAL_COLUMNS, [identities.sql]);
  const types = new Map(actual.map(({ name, type }) => [name, type]));
  const wanted = columns.filter(({ column, type }) => types.get(column) !== columnType(type).sql);
  const details = wanted.map(({ path, column, type }) => ({
    path,
    message: `column ${column} must be ${columnType(type).sql}, it ${is(types.get(column))}`,
  }));
  const known = new Set([...META_COLUMNS.map(({ name }) => name), ...columns.map(({ column }) => column)]);
  const foreign = actual.filter(({ name }) => !known.has(name));
  details.push(...foreign.map(({ name }) => ({ path: name, message: `column ${name} is not in the profile schema` })));
  if (details.length > 0) throw notInitializable('the table of identities has other columns than the schema', details);
}

function is(type: string | undefined): string {
  return type === undefined ? 'does not exist' : `is ${type}`;
}

function requireColumns(columns: readonly WarehouseColumn[]): void {
  const details: ErrorDetail[] = [];
  const seen = new Map<string, string>();
  for (const { path, column } of columns) {
    const bytes = Buffer.byteLength(column);
    const other = seen.get(column);
    if (bytes > MAX_NAME_BYTES)
      details.push({ path, message: `column name has ${bytes} bytes, at most 63 are possible` });
    if (column.startsWith('_')) details.push({ path, message: 'column name must not begin with an underscore' });
    if (other !== undefined) details.push({ path, message: `column name ${column} is also that of ${other}` });
    seen.set(column, path);
  }
  if (columns.length > MAX_COLUMNS)
    details.push({ path: '', message: `at most ${MAX_COLUMNS} properties are possible` });
  if (details.length > 0) throw notInitializable('the profile schema does not fit into a table', details);
}

function notInitializable(reason: string, details: readonly ErrorDetail[]): AppError {
  return new AppError('WarehouseNotInitializable', {
    message: `data warehouse cannot be initialised: ${reason}`,
    details,
  });
}
