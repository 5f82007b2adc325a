import { AppError } from '@penstock/domain';
import { FenceLostError, type Receipt } from '@penstock/engine';
import { AFTER_ALL_ATTEMPTS, endSessionsBefore, hasSessionAfter, markSession } from './attempt-sessions.js';
import { sqlState } from './database-error.js';
import { parseReceipt } from './receipt.js';
import type { Session } from './session.js';
import type { AttemptId, WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

const LOCK_NOT_AVAILABLE = '55P03';
/** Each waits for the lock timeout, after ending who may hold the row. */
const TRIES = 3;

/** What an attempt finds when it has taken the fence. */
export interface FenceFindings {
  /** What an earlier attempt of the same run has published. */
  readonly receipt: Receipt | null;
  /** Whether the pipeline has a partition, so that there is something to compare with. */
  readonly hasPartition: boolean;
}

/**
 * Commits (run, epoch) to the pipeline's fence. Throws FenceLostError when a later attempt has been there or the pipeline was
 * deleted, AppError DifferentWarehouse when the schema belongs to another workspace.
 */
export async function takeFence(
  session: Session,
  tables: WarehouseTables,
  attempt: AttemptId & { readonly workspace: number; readonly hasOthers: boolean },
): Promise<FenceFindings> {
  if (attempt.hasOthers) await endSessionsBefore(session, tables, attempt);
  const taken = await whenRowIsFree(session, tables, attempt, () => advance(session, tables, attempt));
  if (taken === undefined) throw await whyRefused(session, tables, attempt);
  return {
    receipt: taken.receipt === null ? null : parseReceipt(taken.receipt),
    hasPartition: taken.hasPartition,
  };
}

/** Makes the fence a tombstone for good: whoever publishes for the pipeline from now on is refused. */
export async function buryFence(
  session: Session,
  tables: WarehouseTables,
  pipeline: number,
  timeouts: WarehouseTimeouts,
): Promise<void> {
  const everyone = { pipeline, ...AFTER_ALL_ATTEMPTS };
  await markSession(session, tables, everyone, timeouts);
  await endSessionsBefore(session, tables, everyone);
  await whenRowIsFree(session, tables, everyone, () =>
    session.query(
      `INSERT INTO ${tables.fences.sql} (pipeline, run, epoch, tombstone) VALUES ($1, 0, 0, true)
       ON CONFLICT (pipeline) DO UPDATE SET tombstone = true, receipt = NULL, receipt_run = NULL, updated_at = now()`,
      [pipeline],
    ),
  );
  // One that began between the two can only fail; what it holds would be in the way.
  await endSessionsBefore(session, tables, everyone);
}

/** Locks the fence for a publish. Throws FenceLostError unless it still is this attempt's. */
export async function lockFence(
  session: Session,
  tables: WarehouseTables,
  attempt: AttemptId,
): Promise<{ hasPartition: boolean }> {
  const [fence] = await session.query<{ hasPartition: boolean }>(
    `SELECT to_regclass($4) IS NOT NULL AS "hasPartition" FROM ${tables.fences.sql}
     WHERE pipeline = $1 AND run = $2 AND epoch = $3 AND NOT tombstone FOR UPDATE`,
    [attempt.pipeline, attempt.run, attempt.epoch, tables.partition(attempt.pipeline).sql],
  );
  if (fence === undefined) throw lost();
  return fence;
}

/** Leaves the receipt in the fence. Throws FenceLostError unless it still is this attempt's. */
export async function leaveReceipt(
  session: Session,
  tables: WarehouseTables,
  { pipeline, run, epoch, receipt }: AttemptId & { readonly receipt: Receipt },
): Promise<void> {
  const left = await session.execute(
    `UPDATE ${tables.fences.sql} SET receipt = $4, receipt_run = run, updated_at = now()
     WHERE pipeline = $1 AND run = $2 AND epoch = $3 AND NOT tombstone`,
    [pipeline, run, epoch, JSON.stringify(receipt)],
  );
  if (left === 0) throw lost();
}

/** Whether a later attempt has taken the fence, or is about to, or the pipeline was deleted. */
export async function isFenceLost(session: Session, tables: WarehouseTables, attempt: AttemptId): Promise<boolean> {
  if (await hasSessionAfter(session, tables, attempt)) return true;
  const [fence] = await session.query(
    `SELECT 1 FROM ${tables.fences.sql} WHERE pipeline = $1 AND (tombstone OR (run, epoch) > ($2, $3))`,
    [attempt.pipeline, attempt.run, attempt.epoch],
  );
  return fence !== undefined;
}

/** The error of an attempt that was overtaken. */
export function lost(): FenceLostError {
  return new FenceLostError('a later attempt owns the pipeline in the data warehouse, or the pipeline was deleted');
}

interface TakenFence extends Record<string, unknown> {
  receipt: unknown;
  hasPartition: boolean;
}

/** Zero rows where the fence is ahead, buried, or in a schema that belongs to somebody else. */
async function advance(
  session: Session,
  tables: WarehouseTables,
  attempt: AttemptId & { readonly workspace: number },
): Promise<TakenFence | undefined> {
  const [taken] = await session.query<TakenFence>(
    `INSERT INTO ${tables.fences.sql} AS fence (pipeline, run, epoch)
     SELECT $1::integer, $2::bigint, $3::bigint FROM ${tables.workspace.sql} WHERE workspace = $4
     ON CONFLICT (pipeline) DO UPDATE SET run = excluded.run, epoch = excluded.epoch, updated_at = now()
       WHERE NOT fence.tombstone AND (fence.run, fence.epoch) < (excluded.run, excluded.epoch)
     RETURNING CASE WHEN receipt_run = run THEN receipt END AS receipt, to_regclass($5) IS NOT NULL AS "hasPartition"`,
    [attempt.pipeline, attempt.run, attempt.epoch, attempt.workspace, tables.partition(attempt.pipeline).sql],
  );
  return taken;
}

async function whyRefused(
  session: Session,
  tables: WarehouseTables,
  { workspace }: { readonly workspace: number },
): Promise<Error> {
  const [own] = await session.query(`SELECT 1 FROM ${tables.workspace.sql} WHERE workspace = $1`, [workspace]);
  return own === undefined ? new AppError('DifferentWarehouse') : lost();
}

/** A worker that was stopped may hold the row: its session is ended again each time that waiting for the lock times out. */
async function whenRowIsFree<Result>(
  session: Session,
  tables: WarehouseTables,
  attempt: AttemptId,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || tries === TRIES) throw error;
      await endSessionsBefore(session, tables, attempt);
    }
  }
}
