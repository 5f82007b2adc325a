import { MAX_LOST_ATTEMPTS, type RunError, type StepCounts } from '@penstock/domain';
import type { Database } from '../platform/database.js';

/** A claimed run with all that its attempt needs; connection and warehouse settings as they are now, encrypted. */
export interface ClaimedRun {
  readonly run: number;
  readonly epoch: number;
  readonly workspace: number;
  readonly connection: number;
  readonly connector: string;
  readonly connectionSettings: string;
  readonly warehousePlatform: string;
  readonly warehouseSettings: string;
  /** In its JSON form. */
  readonly profileSchema: unknown;
  readonly pipeline: number;
  /** Of the definition. */
  readonly version: number;
  /** A pipeline definition, as stored. */
  readonly definition: unknown;
  /** Canonical datetime or date; null reads everything. */
  readonly cursor: string | null;
  /** Whether an export sends all records, those that have not changed as well. */
  readonly full: boolean;
  readonly cursorOverlapMs: number;
  readonly maxRemovedShare: number | null;
  readonly allowRemoval: boolean;
  /** Only to be looked up in the warehouse and ended: it is cancelled, was lost too often, or ended while it published. */
  readonly settleOnly: boolean;
  /** Whether an earlier attempt may have published. */
  readonly mayBePublished: boolean;
  readonly lostAttempts: number;
  readonly retries: number;
  readonly startTime: Date;
  readonly cancelRequested: boolean;
  /** What ended the attempt before this one, when it is being tried again. */
  readonly lastError: RunError | null;
}

/** A run that is only settled keeps the counts of the attempt before. */
const SETTLES = '(settle_only OR cancel_requested_at IS NOT NULL OR lost_attempts >= $4)';

/** Rejects of attempts that may have published are kept: unlike the error groups, they are not in the receipt. */
const CLAIM = `
  WITH claimed AS (
    UPDATE runs SET status = 'running', epoch = epoch + 1, worker = $3, claimed_at = now(), heartbeat_at = clock_timestamp(),
      settle_only = ${SETTLES}, passed = CASE WHEN ${SETTLES} THEN passed ELSE '{0,0,0,0,0,0}' END,
      failed = CASE WHEN ${SETTLES} THEN failed ELSE '{0,0,0,0,0,0}' END,
      counts_epoch = CASE WHEN ${SETTLES} THEN counts_epoch ELSE epoch + 1 END
    WHERE id = $1 AND status = 'queued' AND epoch = $2 - 1
    RETURNING *
  ), cleared AS (
    DELETE FROM run_error_groups WHERE run_id IN (SELECT id FROM claimed WHERE NOT settle_only)
  ), voided AS (
    DELETE FROM run_rejects WHERE run_id IN (SELECT id FROM claimed WHERE NOT settle_only AND NOT may_be_published)
  )
  SELECT r.id::float8 AS run, r.epoch, r.workspace_id AS workspace, c.id AS connection, c.connector,
    c.settings AS "connectionSettings", w.warehouse_platform AS "warehousePlatform",
    w.warehouse_settings AS "warehouseSettings", w.profile_schema AS "profileSchema", r.pipeline_id AS pipeline,
    r.version, v.definition, r.cursor, r."full", p.cursor_overlap_ms AS "cursorOverlapMs", p.max_removed_share AS "maxRemovedShare",
    r.allow_removal AS "allowRemoval", r.settle_only AS "settleOnly",
    r.may_be_published AS "mayBePublished", r.lost_attempts AS "lostAttempts", r.retries, r.start_time AS "startTime",
    r.cancel_requested_at IS NOT NULL AS "cancelRequested",
    CASE WHEN r.error_code IS NOT NULL
      THEN jsonb_build_object('code', r.error_code, 'step', r.error_step, 'message', r.error_message) END AS "lastError"
  FROM claimed r
  JOIN pipelines p ON p.id = r.pipeline_id
  JOIN pipeline_versions v ON v.pipeline_id = r.pipeline_id AND v.version = r.version
  JOIN connections c ON c.id = p.connection_id
  JOIN workspaces w ON w.id = r.workspace_id`;

/**
 * Takes a queued run: the one place where a run gets an owner. Undefined when the job is outdated, because the run is live
 * elsewhere, has ended or is gone.
 */
export async function claimRun(
  { database }: { readonly database: Database },
  claim: { readonly run: number; readonly epoch: number; readonly worker: string },
): Promise<ClaimedRun | undefined> {
  const { rows } = await database.pool.query<ClaimedRun>({
    name: 'claim-run',
    text: CLAIM,
    values: [claim.run, claim.epoch, claim.worker, MAX_LOST_ATTEMPTS],
  });
  return rows[0];
}

/** Who owns a run. Every write about a running run names it, and changes nothing once somebody else owns the run. */
export interface RunOwner {
  readonly run: number;
  readonly epoch: number;
}

/** Whether the run is still ours and whether somebody asked to cancel it. */
export type Heartbeat = 'lost' | 'cancel-requested' | 'ok';

/**
 * Says that an attempt is alive and how far it is; null counts leave those of the attempt before. Rejects when the control
 * database is away: that means nothing.
 */
export async function beatHeart(
  { database }: { readonly database: Database },
  { run, epoch }: RunOwner,
  counts: StepCounts | null,
): Promise<Heartbeat> {
  const { rows } = await database.pool.query<{ cancel: boolean }>({
    name: 'beat-heart',
    text: `UPDATE runs SET heartbeat_at = clock_timestamp(), passed = coalesce($3, passed), failed = coalesce($4, failed)
      WHERE id = $1 AND epoch = $2 AND status = 'running' RETURNING cancel_requested_at IS NOT NULL AS cancel`,
    values: [run, epoch, counts?.passed ?? null, counts?.failed ?? null],
  });
  const [row] = rows;
  if (row === undefined) return 'lost';
  return row.cancel ? 'cancel-requested' : 'ok';
}
