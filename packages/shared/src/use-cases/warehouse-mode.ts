import { AppError, type WarehouseMode } from '@penstock/domain';
import { type Database, inTransaction } from '../platform/database.js';
import { announceCancellation, requestCancellation } from './cancel-run.js';
import type { Dependencies } from './dependencies.js';
import { announceOperations } from './warehouse-operations/announce-operations.js';
import { isForbiddenSql, type OperationKind } from './warehouse-operations/operation.js';

export interface ModeChange {
  readonly workspace: number;
  readonly mode: WarehouseMode;
  /** Cancels the live runs, and puts off the operations, that the new mode does not allow, instead of waiting for them. */
  readonly cancelIncompatible: boolean;
  /** Who asks; shown with the runs that it cancels. */
  readonly by: string;
}

/**
 * Changes the mode of a workspace's warehouse: at once when nothing is under way that the new mode does not allow, else as soon as
 * that has ended: live runs, a resolution or an alteration that is running. Those that wait go on waiting. New starts are answered as
 * the new mode says from now on.
 * @throws AppError NotFound when there is no such workspace.
 */
export async function changeWarehouseMode(
  deps: Pick<Dependencies, 'database' | 'redis' | 'redisPrefix' | 'queues'>,
  change: ModeChange,
): Promise<{ readonly pending: boolean }> {
  const outcome = await inTransaction(deps.database.pool, async (client) => {
    const { rowCount } = await client.query('SELECT FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR UPDATE', [
      change.workspace,
    ]);
    if (rowCount === 0) throw new AppError('NotFound', { message: 'workspace does not exist' });
    // Looked at under the lock: no run can start any more that this does not see.
    const live = await liveRuns(client, change.workspace);
    const operating = await hasForbiddenOperations(client, change);
    const pending = change.mode !== 'Normal' && (live.length > 0 || operating);
    await client.query(
      pending
        ? 'UPDATE workspaces SET pending_mode = $2 WHERE id = $1'
        : 'UPDATE workspaces SET warehouse_mode = $2, pending_mode = NULL WHERE id = $1',
      [change.workspace, change.mode],
    );
    const cancelled = pending && change.cancelIncompatible ? live : [];
    for (const run of cancelled) await requestCancellation(client, { ...change, run });
    if (change.cancelIncompatible) await stopForbiddenOperations(client, change);
    return { pending, cancelled };
  });
  await announceCancellation(deps, outcome.cancelled);
  if (!outcome.pending) {
    await announceOperations(deps, change.workspace);
    return { pending: false };
  }
  // Runs that no worker had ended with their cancellation: nothing may hold the change any more.
  await completeModeChange(deps, change.workspace);
  return { pending: await isPending(deps.database, change.workspace) };
}

/** Completes a pending mode change if nothing holds it any more; harmless otherwise. */
export async function completeModeChange(
  { database }: { readonly database: Database },
  workspace: number,
): Promise<void> {
  await database.pool.query(
    `UPDATE workspaces SET warehouse_mode = pending_mode, pending_mode = NULL
     WHERE id = $1 AND pending_mode IS NOT NULL
       AND NOT EXISTS (SELECT FROM runs WHERE workspace_id = $1 AND status IN ('queued', 'running'))
       AND NOT EXISTS (SELECT FROM warehouse_operations o
         WHERE o.workspace_id = $1 AND o.status = 'running' AND ${isForbiddenSql('pending_mode', 'o.kind')})`,
    [workspace],
  );
}

async function isPending({ pool }: Database, workspace: number): Promise<boolean> {
  const { rowCount } = await pool.query('SELECT FROM workspaces WHERE id = $1 AND pending_mode IS NOT NULL', [
    workspace,
  ]);
  return rowCount === 1;
}

type Queryable = Pick<Database['pool'], 'query'>;

async function liveRuns(client: Queryable, workspace: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id::float8 AS id FROM runs WHERE workspace_id = $1 AND status IN ('queued', 'running') ORDER BY id`,
    [workspace],
  );
  return rows.map(({ id }) => id);
}

const FORBIDDEN = `workspace_id = $1 AND status = 'running' AND ${isForbiddenSql('$2', 'kind')}`;

async function hasForbiddenOperations(client: Queryable, { workspace, mode }: ModeChange): Promise<boolean> {
  const { rows } = await client.query(`SELECT FROM warehouse_operations WHERE ${FORBIDDEN} LIMIT 1`, [workspace, mode]);
  return rows.length > 0;
}

/** Their workers learn it with their next sign of life, and put them back into the queue. */
async function stopForbiddenOperations(client: Queryable, { workspace, mode }: ModeChange): Promise<void> {
  await client.query(`UPDATE warehouse_operations SET stop_requested = true WHERE ${FORBIDDEN}`, [workspace, mode]);
}

export interface BlockingOperation {
  readonly kind: OperationKind;
  readonly startTime: string;
}

/** Operations that hold the pending mode of a workspace. */
export async function blockingOperations(
  { database }: Pick<Dependencies, 'database'>,
  workspace: number,
): Promise<BlockingOperation[]> {
  const { rows } = await database.pool.query<{ kind: OperationKind; startTime: Date }>(
    `SELECT o.kind, o.start_time AS "startTime" FROM warehouse_operations o JOIN workspaces w ON w.id = o.workspace_id
     WHERE w.id = $1 AND o.status = 'running' AND ${isForbiddenSql('w.pending_mode', 'o.kind')} ORDER BY o.id`,
    [workspace],
  );
  return rows.map(({ kind, startTime }) => ({ kind, startTime: startTime.toISOString() }));
}
