import type { Dependencies } from './dependencies.js';
import { growingDelayMs } from './growing-delay.js';
import { announceOperations } from './warehouse-operations/announce-operations.js';
import { resolutionSql } from './warehouse-operations/request-resolution.js';

type PurgeDependencies = Pick<Dependencies, 'database' | 'queues' | 'secrets' | 'warehouses' | 'logger'>;

/**
 * Profiles lose what was purged with the next resolution, which is asked for in the same statement, also where the workspace wants
 * none after imports: nobody imports when a pipeline is deleted, and its people must not stay.
 */
const DONE = `
  WITH purged AS (
    DELETE FROM pending_purges WHERE pipeline_id = $1 RETURNING workspace_id
  ) ${resolutionSql('purged')}`;

/**
 * Removes from the warehouse what a deleted pipeline imported. Waits for the warehouse to be in Normal mode; a failure is
 * tried again by the reconciler, with growing delays, for as long as the workspace exists.
 */
export async function purgePipeline(deps: PurgeDependencies, pipeline: number): Promise<void> {
  const { rows } = await deps.database.pool.query<{ platform: string; settings: string; attempts: number }>(
    `SELECT w.warehouse_platform AS platform, w.warehouse_settings AS settings, q.attempts
     FROM pending_purges q JOIN workspaces w ON w.id = q.workspace_id
     WHERE q.pipeline_id = $1 AND w.deleted_at IS NULL AND coalesce(w.pending_mode, w.warehouse_mode) = 'Normal'`,
    [pipeline],
  );
  const [pending] = rows;
  if (pending === undefined) return;
  try {
    const settings: unknown = JSON.parse(deps.secrets.decrypt(pending.settings));
    await deps.warehouses.get(pending.platform).purgePipeline(settings, pipeline);
    const { rows: requested } = await deps.database.pool.query<{ workspace_id: number }>(DONE, [pipeline]);
    for (const { workspace_id } of requested) await announceOperations(deps, workspace_id);
  } catch (error) {
    deps.logger.warn('purge of a deleted pipeline failed; it is tried again', { pipeline, error });
    await postpone(deps, pipeline, pending.attempts);
  }
}

async function postpone({ database }: PurgeDependencies, pipeline: number, attempts: number): Promise<void> {
  await database.pool.query(
    `UPDATE pending_purges SET attempts = attempts + 1, due_at = now() + $2 * interval '1 millisecond' WHERE pipeline_id = $1`,
    [pipeline, growingDelayMs(attempts)],
  );
}

/** Deleted pipelines whose purge is due. */
export async function duePurges({ database }: Pick<Dependencies, 'database'>): Promise<number[]> {
  const { rows } = await database.pool.query<{ pipeline: number }>(
    `SELECT q.pipeline_id AS pipeline FROM pending_purges q JOIN workspaces w ON w.id = q.workspace_id
     WHERE q.due_at <= now() AND w.deleted_at IS NULL AND coalesce(w.pending_mode, w.warehouse_mode) = 'Normal'
     ORDER BY q.due_at LIMIT 1000`,
  );
  return rows.map(({ pipeline }) => pipeline);
}
