import { AppError, type RunError, type StepCounts } from '@penstock/domain';
import type { FailureGroup, Receipt } from '@penstock/engine';
import { withinRedisPatience } from '../queues/queues.js';
import type { RunOwner } from './claim-run.js';
import type { Dependencies } from './dependencies.js';
import { completeModeChange } from './warehouse-mode.js';
import { announceOperations } from './warehouse-operations/announce-operations.js';
import { resolutionAfterImportSql } from './warehouse-operations/request-resolution.js';

/** How a run ends. */
export interface RunEnd {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  /** Of this attempt; null leaves those of the attempt before. A receipt's counts go first. */
  readonly counts: StepCounts | null;
  readonly receipt: Receipt | null;
  readonly error: RunError | null;
  /** Of this attempt; a receipt's go first. */
  readonly errorGroups: readonly FailureGroup[];
}

/**
 * A pipeline has rejects of so many runs: one that is never mended and runs often must not fill the disk, and a pipeline is
 * deleted with all of its rejects in one statement.
 */
const RUNS_WITH_REJECTS = 100;

/**
 * Ends a run in one statement: the final state, the error groups and, if it succeeded and what the pipeline imports is still
 * what the run imported, the pipeline's cursor, which never goes back (canonical times order as text in the C collation), and,
 * where the workspace wants one after imports, the request for a resolution: a worker that dies now loses nothing.
 * Only the rejects of the attempt that the counts come from stay.
 */
const END = `
  WITH ended AS (
    UPDATE runs SET status = $3, end_time = greatest(clock_timestamp(), start_time), heartbeat_at = clock_timestamp(),
      passed = coalesce($4, passed), failed = coalesce($5, failed), added = $6, changed = $7, unchanged = $8, removed = $9, merged = $10,
      error_code = $11, error_step = $12, error_message = $13, notice = $14,
      counts_epoch = coalesce($17, counts_epoch)
    WHERE id = $1 AND epoch = $2 AND status = 'running'
    RETURNING id, workspace_id, pipeline_id, version, counts_epoch, added, changed, removed
  ), voided AS (
    DELETE FROM run_rejects USING ended WHERE run_id = ended.id AND epoch <> ended.counts_epoch
  ), outdated AS (
    SELECT older.id FROM ended, LATERAL (
      SELECT r.id FROM runs r WHERE r.pipeline_id = ended.pipeline_id AND r.id < ended.id
      ORDER BY r.id DESC OFFSET ${RUNS_WITH_REJECTS - 1} LIMIT 1) AS older
  ), dropped AS (
    DELETE FROM run_rejects WHERE run_id IN (SELECT id FROM outdated)
  ), moved AS (
    UPDATE pipelines p SET cursor = $15 FROM ended
    WHERE p.id = ended.pipeline_id AND p.version = ended.version AND $3 = 'succeeded' AND $15::text IS NOT NULL
      AND (p.cursor IS NULL OR p.cursor < $15 COLLATE "C")
  ), grouped AS (
    INSERT INTO run_error_groups (run_id, step, code, message, count, keys)
    SELECT ended.id, g.step, g.code, g.message, g.count, g.keys
    FROM ended, jsonb_to_recordset($16::jsonb) AS g (step text, code text, message text, count bigint, keys text[])
    ON CONFLICT (run_id, step, code, message) DO UPDATE SET count = excluded.count, keys = excluded.keys
  ), imported AS (
    SELECT ended.workspace_id, coalesce(ended.added, 0) + coalesce(ended.changed, 0) + coalesce(ended.removed, 0) > 0 AS has_changes
    FROM ended JOIN pipelines p ON p.id = ended.pipeline_id WHERE $3 = 'succeeded' AND p.kind LIKE 'import-%'
  ), requested AS (${resolutionAfterImportSql('imported')})
  SELECT w.id AS workspace, w.pending_mode IS NOT NULL AS "modePending", EXISTS (SELECT FROM requested) AS requested
  FROM ended JOIN workspaces w ON w.id = ended.workspace_id`;

interface EndedRun {
  readonly workspace: number;
  readonly modePending: boolean;
  /** Whether a resolution was asked for that nobody had asked for yet. */
  readonly requested: boolean;
}

/** Ends a run that this owner still owns; false when it does not, and nothing was written. */
export async function endRun(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  owner: RunOwner,
  end: RunEnd,
): Promise<boolean> {
  const { receipt, error } = end;
  const { rows } = await deps.database.pool.query<EndedRun>({
    name: 'end-run',
    text: END,
    values: [
      owner.run,
      owner.epoch,
      end.status,
      receipt?.passed ?? end.counts?.passed ?? null,
      receipt?.failed ?? end.counts?.failed ?? null,
      receipt?.added ?? null,
      receipt?.changed ?? null,
      receipt?.unchanged ?? null,
      receipt?.removed ?? null,
      receipt?.merged ?? null,
      error?.code ?? null,
      error?.step ?? null,
      error?.message ?? null,
      receipt?.report?.notice ?? null,
      receipt?.cursor ?? null,
      JSON.stringify(receipt?.report?.failures ?? end.errorGroups),
      receipt?.epoch || null,
    ],
  });
  const [ended] = rows;
  if (ended?.modePending) await completeModeChange(deps, ended.workspace);
  if (ended?.requested) await announceOperations(deps, ended.workspace);
  return ended !== undefined;
}

/**
 * Why a run goes back to the queue. Only a lost attempt counts towards giving the run up; `settle` asks the next attempt to
 * look whether this one had published, and to do nothing else.
 */
export type HandBackReason = 'shutdown' | 'retry' | 'lost' | 'settle';

export interface HandBack {
  readonly reason: HandBackReason;
  readonly delayMs: number;
  /** What a retry waits for; shown while it waits. */
  readonly error: RunError | null;
  /** Whether this attempt or an earlier one may have published. A lost attempt always may have. */
  readonly mayBePublished: boolean;
  /** Of the attempt; kept for the end of the run where the next attempt only settles it. */
  readonly counts?: StepCounts;
  readonly errorGroups?: readonly FailureGroup[];
  /** Hands back only if the heartbeat is still this one (recovery). */
  readonly ifHeartbeatAt?: string;
}

/** A run that is to be cancelled does not wait for its retry; to settle it may have to wait for the warehouse. */
const HAND_BACK = `
  WITH handed AS (
    UPDATE runs SET status = 'queued', worker = NULL,
      queued_at = clock_timestamp()
        + CASE WHEN cancel_requested_at IS NULL OR $3 = 'settle' THEN $4 ELSE 0 END * interval '1 millisecond',
      passed = CASE WHEN settle_only OR $3 = 'lost' THEN passed WHEN $3 = 'settle' THEN $10 ELSE '{0,0,0,0,0,0}' END,
      failed = CASE WHEN settle_only OR $3 = 'lost' THEN failed WHEN $3 = 'settle' THEN $11 ELSE '{0,0,0,0,0,0}' END,
      counts_epoch = CASE WHEN settle_only OR $3 IN ('lost', 'settle') THEN counts_epoch ELSE 0 END,
      lost_attempts = lost_attempts + ($3 = 'lost')::int, retries = retries + ($3 = 'retry')::int,
      settle_only = settle_only OR $3 = 'settle', may_be_published = $9 OR $3 = 'lost',
      error_code = $5, error_step = $6, error_message = $7
    WHERE id = $1 AND epoch = $2 AND status = 'running' AND ($8::text IS NULL OR heartbeat_at::text = $8)
    RETURNING id, queued_at
  ), grouped AS (
    INSERT INTO run_error_groups (run_id, step, code, message, count, keys)
    SELECT handed.id, g.step, g.code, g.message, g.count, g.keys
    FROM handed, jsonb_to_recordset($12::jsonb) AS g (step text, code text, message text, count bigint, keys text[])
    WHERE $3 = 'settle'
    ON CONFLICT (run_id, step, code, message) DO UPDATE SET count = excluded.count, keys = excluded.keys
  )
  SELECT greatest(0, extract(epoch FROM queued_at - clock_timestamp()) * 1000)::float8 AS "delayMs" FROM handed`;

/** Puts a running run back into the queue; false when this owner does not own it any more, and nothing was written. */
export async function handBackRun(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  owner: RunOwner,
  handBack: HandBack,
): Promise<boolean> {
  const { error, counts } = handBack;
  const { rows } = await database.pool.query<{ delayMs: number }>({
    name: 'hand-back-run',
    text: HAND_BACK,
    values: [
      owner.run,
      owner.epoch,
      handBack.reason,
      handBack.delayMs,
      error?.code ?? null,
      error?.step ?? null,
      error?.message ?? null,
      handBack.ifHeartbeatAt ?? null,
      handBack.mayBePublished,
      counts?.passed ?? null,
      counts?.failed ?? null,
      JSON.stringify(handBack.errorGroups ?? []),
    ],
  });
  const [handed] = rows;
  if (handed === undefined) return false;
  await withinRedisPatience(
    queues.addRun({ run: owner.run, epoch: owner.epoch + 1, delayMs: Math.ceil(handed.delayMs) }),
  );
  return true;
}

/** The error of a cancelled run; its words are documented. */
export function cancelledError(): RunError {
  return { code: 'RunCancelled', step: 'Receive', message: new AppError('RunCancelled').message };
}
