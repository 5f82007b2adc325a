import { AppError, type WarehouseMode } from '@penstock/domain';
import type pg from 'pg';
import { inTransaction } from '../../platform/database.js';
import type { Dependencies } from '../dependencies.js';
import { announceOperations } from './announce-operations.js';

export interface ResolutionStart {
  readonly workspace: number;
  /** Resolves all identities anew, whatever has changed. */
  readonly full: boolean;
  /** Done in the transaction that notes the request, after it. */
  readonly afterInsert?: (client: pg.PoolClient, id: number) => Promise<void>;
}

/**
 * Asks for a resolution of a workspace's identities. It begins after the one that is under way; those that are asked for meanwhile
 * are one, a full one if any of them is. One that waits after a failure is tried at once.
 * @throws AppError NotFound, InspectionMode, MaintenanceMode
 */
export async function requestResolution(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  { workspace, full, afterInsert }: ResolutionStart,
): Promise<{ readonly id: number }> {
  const id = await inTransaction(deps.database.pool, async (client) => {
    await requireNormalMode(client, workspace);
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO warehouse_operations AS waiting (workspace_id, kind, request) VALUES ($1, 'resolution', $2)
       ON CONFLICT (workspace_id, kind) WHERE status = 'queued'
         DO UPDATE SET due_at = clock_timestamp(), request = coalesce(excluded.request, waiting.request)
       RETURNING id::float8 AS id`,
      [workspace, full ? { full } : null],
    );
    const inserted = rows[0]?.id ?? 0;
    await afterInsert?.(client, inserted);
    return inserted;
  });
  await announceOperations(deps, workspace);
  return { id };
}

async function requireNormalMode(client: pg.PoolClient, workspace: number): Promise<void> {
  const { rows } = await client.query<{ mode: WarehouseMode }>(
    `SELECT coalesce(pending_mode, warehouse_mode) AS mode FROM workspaces
     WHERE id = $1 AND deleted_at IS NULL FOR SHARE`,
    [workspace],
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', { message: 'workspace does not exist' });
  if (row.mode === 'Inspection') throw new AppError('InspectionMode');
  if (row.mode === 'Maintenance') throw new AppError('MaintenanceMode');
}

/**
 * SQL that asks for a resolution of the workspaces of `source`, a common table expression with the column workspace_id, as far as
 * `condition` holds; `w` is the workspace. It returns the workspaces for which nobody had asked yet.
 */
export function resolutionSql(source: string, condition = 'true'): string {
  return `
    INSERT INTO warehouse_operations (workspace_id, kind)
    SELECT DISTINCT w.id, 'resolution' FROM ${source} JOIN workspaces w ON w.id = ${source}.workspace_id
    WHERE w.deleted_at IS NULL AND ${condition}
    ON CONFLICT (workspace_id, kind) WHERE status = 'queued' DO NOTHING
    RETURNING workspace_id`;
}

/**
 * As {@link resolutionSql}, where the workspaces want a resolution after each import. Nothing is asked for when nothing has changed
 * since the last one, neither identities, which `has_changes` of `source` says, nor what decides how they are resolved.
 */
export function resolutionAfterImportSql(source: string): string {
  return resolutionSql(
    source,
    `w.run_on_batch_import AND (${source}.has_changes OR NOT EXISTS (
      SELECT FROM warehouse_operations o WHERE o.workspace_id = w.id AND o.kind = 'resolution' AND o.status = 'succeeded'
        AND o.start_time > w.resolution_settings_at))`,
  );
}
