import { type Database, inTransaction } from '../../platform/database.js';
import { type ClaimedOperation, isForbiddenSql, type OperationOwner } from './operation.js';

/**
 * Keeps a mode change from slipping in between, and one claim from another. A statement of its own: the claim then sees what whoever
 * had the lock before has committed.
 */
const LOCK = 'SELECT FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE';

/**
 * One that is running and whose worker counts as lost goes first, whatever the mode: a mode change may be waiting for it. Whether it
 * is still under way is for the warehouse to say.
 */
const CLAIM = `
  WITH workspace AS (
    SELECT * FROM workspaces WHERE id = $1 AND deleted_at IS NULL
  ), next AS (
    SELECT o.id FROM warehouse_operations o, workspace w
    WHERE o.workspace_id = w.id AND o.due_at <= clock_timestamp()
      AND (o.status = 'running'
        OR (o.status = 'queued' AND NOT ${isForbiddenSql('coalesce(w.pending_mode, w.warehouse_mode)', 'o.kind')}))
      AND NOT EXISTS (
        SELECT FROM warehouse_operations r
        WHERE r.workspace_id = w.id AND r.status = 'running' AND r.due_at > clock_timestamp())
    ORDER BY o.status = 'running' DESC, o.kind = 'alteration' DESC, o.id
    LIMIT 1 FOR UPDATE OF o
  ), claimed AS (
    UPDATE warehouse_operations o SET status = 'running', epoch = o.epoch + 1, error = NULL,
      may_be_done = o.may_be_done OR o.status = 'running', start_time = coalesce(o.start_time, clock_timestamp()),
      due_at = clock_timestamp() + $2 * interval '1 millisecond'
    FROM next WHERE o.id = next.id AND o.status IN ('queued', 'running') AND o.due_at <= clock_timestamp()
    RETURNING o.*
  )
  SELECT o.id::float8 AS operation, o.epoch, o.workspace_id AS workspace, o.kind, o.attempts, o.may_be_done AS "mayBeDone",
    o.id || ' of ' || to_char(o.requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') AS name,
    CASE o.kind WHEN 'alteration' THEN o.request END AS request,
    o.kind = 'resolution' AND coalesce((o.request ->> 'full')::boolean, false) AS full, o.stop_requested AS "stopRequested",
    w.warehouse_platform AS platform, w.warehouse_settings AS settings, w.profile_schema AS "profileSchema", w.identifiers,
    w.primary_sources AS "primarySources"
  FROM claimed o JOIN workspace w ON w.id = o.workspace_id`;

/**
 * Takes the next operation of a workspace that is due and that the mode of its warehouse allows; undefined when there is none, or one
 * is under way. It is the claimer's for `leaseMs` and as long as it is renewed.
 */
export async function claimOperation(
  { database }: { readonly database: Database },
  { workspace, leaseMs }: { readonly workspace: number; readonly leaseMs: number },
): Promise<ClaimedOperation | undefined> {
  return inTransaction(database.pool, async (client) => {
    await client.query(LOCK, [workspace]);
    const { rows } = await client.query<ClaimedOperation>(CLAIM, [workspace, leaseMs]);
    return rows[0];
  });
}

/** Says that an operation is being worked on; whether it is still the caller's, and whether it is to let go of it. */
export async function renewOperation(
  { database }: { readonly database: Database },
  { operation, epoch }: OperationOwner,
  leaseMs: number,
): Promise<'lost' | 'stop-requested' | 'ok'> {
  const { rows } = await database.pool.query<{ stop: boolean }>(
    `UPDATE warehouse_operations SET due_at = clock_timestamp() + $3 * interval '1 millisecond'
     WHERE id = $1 AND epoch = $2 AND status = 'running' RETURNING stop_requested AS stop`,
    [operation, epoch, leaseMs],
  );
  const [row] = rows;
  if (row === undefined) return 'lost';
  return row.stop ? 'stop-requested' : 'ok';
}
