import { AppError, type ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { WarehouseOwner } from '../warehouse-platform.js';
import { actualColumns, columnDifferences } from './actual-columns.js';
import { whyUnusable } from './check-warehouse.js';
import { columnFaults } from './column-faults.js';
import { columnDefinitions } from './identity-columns.js';
import { findOwner } from './require-owner.js';
import { createProfileTables } from './resolution/profile-tables.js';
import type { Session } from './session.js';
import { CREATION_LOCK } from './warehouse-locks.js';
import { OWN_TABLE_NAMES, type WarehouseTables } from './warehouse-tables.js';

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
      await session.query(CREATION_LOCK, [tables.schema]);
      await requireUsable(session, tables.schema);
      await requireFree(session, tables, workspace);
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

/** What a former workspace has left in a schema that was not released as a whole would be taken for this one's. */
async function requireFree(session: Session, tables: WarehouseTables, workspace: number): Promise<void> {
  const owner = await findOwner(session, tables);
  if (owner === workspace) return;
  if (owner !== undefined) throw new AppError('DifferentWarehouse');
  const left = await session.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 AND relkind IN ('r', 'p') AND relname ~ $2 AND relname <> $3 ORDER BY relname`,
    [tables.schema, OWN_TABLE_NAMES, tables.workspace.name],
  );
  if (left.length === 0) return;
  const names = left.map(({ name }) => name).join(', ');
  throw new AppError('WarehouseNotInitializable', {
    message: `data warehouse cannot be initialised: schema ${tables.schema} has tables of another workspace that was there before (${names}): drop them, or use another schema`,
  });
}

async function createTables(
  session: Session,
  tables: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  const { schema, workspace, identities, fences } = tables;
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
  await createProfileTables(session, tables, columns);
}

/** The tables may be older than the profile schema. */
async function requireSameColumns(
  session: Session,
  { identities, profiles }: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  for (const [what, table] of Object.entries({ identities, profiles })) {
    const details = columnDifferences(await actualColumns(session, table), columns);
    if (details.length > 0) throw notInitializable(`the table of ${what} has other columns than the schema`, details);
  }
}

function requireColumns(columns: readonly WarehouseColumn[]): void {
  const details = columnFaults(columns);
  if (details.length > 0) throw notInitializable('the profile schema does not fit into a table', details);
}

function notInitializable(reason: string, details: readonly ErrorDetail[]): AppError {
  return new AppError('WarehouseNotInitializable', {
    message: `data warehouse cannot be initialised: ${reason}`,
    details,
  });
}
