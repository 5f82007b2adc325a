import { type QueuedOperation, withinRedisPatience } from '../../queues/queues.js';
import type { Dependencies } from '../dependencies.js';
import { isForbiddenSql } from './operation.js';

/** Operations that can be claimed, of all workspaces when none is given; those whose worker counts as lost among them. */
const DUE = `
  SELECT o.id::float8 AS operation, o.workspace_id AS workspace, o.epoch + 1 AS epoch
  FROM warehouse_operations o JOIN workspaces w ON w.id = o.workspace_id
  WHERE o.status IN ('queued', 'running') AND o.due_at <= now() AND w.deleted_at IS NULL
    AND ($1::int IS NULL OR o.workspace_id = $1)
    AND (o.status = 'running' OR NOT ${isForbiddenSql('coalesce(w.pending_mode, w.warehouse_mode)', 'o.kind')})
  ORDER BY o.due_at LIMIT 1000`;

/** Operations that a worker should look at. */
export async function dueOperations({ database }: Pick<Dependencies, 'database'>): Promise<QueuedOperation[]> {
  const { rows } = await database.pool.query<QueuedOperation>(DUE, [null]);
  return rows;
}

/** Adds the jobs of a workspace's operations that are due. Should Redis be away, the reconciler adds them. */
export async function announceOperations(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  workspace: number,
): Promise<void> {
  const { rows } = await database.pool.query<QueuedOperation>(DUE, [workspace]);
  await withinRedisPatience(Promise.all(rows.map((operation) => queues.addOperation(operation))));
}
