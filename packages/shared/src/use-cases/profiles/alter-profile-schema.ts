import { AppError, type WarehouseMode } from '@penstock/domain';
import { parseSchema } from '@penstock/language';
import type pg from 'pg';
import { inTransaction } from '../../platform/database.js';
import { warehouseOf } from '../configuration/warehouse.js';
import { warehouseColumns } from '../configuration/warehouse-columns.js';
import { requireWorkspace } from '../configuration/workspaces.js';
import type { Dependencies } from '../dependencies.js';
import { announceOperations } from '../warehouse-operations/announce-operations.js';
import { checkAlteration, requireSources, type SchemaChange } from './check-alteration.js';

export interface SchemaChangeOf extends SchemaChange {
  readonly workspace: number;
}

/**
 * Asks for an alteration of the profile schema, which a worker then carries out. It is checked against the schema that it will
 * find: the workspace is locked, and there is one alteration at a time.
 * @throws AppError BadRequest, NotFound, InvalidAlterSchema, ConnectionNotExist, InspectionMode, OperationAlreadyExecuting
 */
export async function alterProfileSchema(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  { workspace, ...change }: SchemaChangeOf,
): Promise<void> {
  await inTransaction(deps.database.pool, async (client) => {
    const { profileSchema, mode } = await lockWorkspace(client, workspace);
    const { request } = checkAlteration(parseSchema(profileSchema), change);
    await requireSources(client, workspace, request.primarySources);
    if (mode === 'Inspection') throw new AppError('InspectionMode');
    await requireIdle(client, workspace, mode);
    await client.query(`INSERT INTO warehouse_operations (workspace_id, kind, request) VALUES ($1, 'alteration', $2)`, [
      workspace,
      JSON.stringify(request),
    ]);
  });
  await announceOperations(deps, workspace);
}

/** The statements that an alteration would execute in the warehouse. @throws AppError as {@link alterProfileSchema}, Warehouse* */
export async function previewAlteration(
  deps: Pick<Dependencies, 'database' | 'secrets' | 'warehouses'>,
  { workspace, ...change }: SchemaChangeOf,
): Promise<{ readonly queries: string[] }> {
  const row = await requireWorkspace(deps, workspace);
  const current = parseSchema(row.profileSchema);
  const { schema, request } = checkAlteration(current, change);
  await requireSources(deps.database.pool, workspace, request.primarySources);
  const { platform, settings } = warehouseOf(deps, row);
  const queries = await platform.previewAlteration(settings, {
    workspace,
    operation: 'preview',
    before: warehouseColumns(current),
    after: warehouseColumns(schema),
    kept: request.kept,
  });
  return { queries: [...queries] };
}

interface LockedWorkspace {
  readonly profileSchema: unknown;
  readonly mode: WarehouseMode;
}

async function lockWorkspace(client: pg.PoolClient, workspace: number): Promise<LockedWorkspace> {
  const { rows } = await client.query<LockedWorkspace>(
    `SELECT profile_schema AS "profileSchema", coalesce(pending_mode, warehouse_mode) AS mode FROM workspaces
     WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    [workspace],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', { message: 'workspace does not exist' });
  return row;
}

/** A resolution that waits, for the mode or for its next attempt, is not in the way: the alteration goes first. */
async function requireIdle(client: pg.PoolClient, workspace: number, mode: WarehouseMode): Promise<void> {
  const { rows } = await client.query<{ kind: string }>(
    `SELECT kind FROM warehouse_operations
     WHERE workspace_id = $1 AND (status = 'running' OR (status = 'queued'
       AND (kind = 'alteration' OR ($2 = 'Normal' AND due_at <= clock_timestamp()))))
     ORDER BY id LIMIT 1`,
    [workspace, mode],
  );
  const [row] = rows;
  if (row === undefined) return;
  const what = row.kind === 'alteration' ? 'another alteration of the profile schema' : 'a resolution of identities';
  throw new AppError('OperationAlreadyExecuting', { message: `${what} is under way; wait until it has ended` });
}
