import { AppError, type ErrorDetail } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { quoteIdentifier } from '@penstock/postgresql';
import type { WarehouseOwner } from '../warehouse-platform.js';
import { actualColumns, columnDifferences } from './actual-columns.js';
import { whyUnusable } from './check-warehouse.js';
import { columnFaults } from './column-faults.js';
import { columnDefinitions } from './identity-columns.js';
import { createProfileTables } from './resolution/profile-tables.js';
import type { Session } from './session.js';
import type { WarehouseTables } from './warehouse-tables.js';

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

/** The table may be older than the profile schema. */
async function requireSameColumns(
  session: Session,
  { identities }: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  const details = columnDifferences(await actualColumns(session, identities), columns);
  if (details.length > 0) throw notInitializable('the table of identities has other columns than the schema', details);
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
