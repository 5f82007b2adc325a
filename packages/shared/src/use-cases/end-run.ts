import { AppError, type RunError, type StepCounts } from '@penstock/domain';
import type { Receipt } from '@penstock/engine';
import type { Database } from '../platform/database.js';
import { type QueuedRun, withinRedisPatience } from '../queues/queues.js';
import type { RunOwner } from './claim-run.js';
import type { Dependencies } from './dependencies.js';
import { completeModeChange } from './warehouse-mode.js';

/** Failed records of a run with the same step, code and message. */
export interface ErrorGroup {
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Identifiers of a few of them. */
  readonly keys: readonly string[];
}

/** How a run ends, with the counts of its last attempt. */
export interface RunEnd {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly counts: StepCounts;
  readonly receipt: Receipt | null;
  readonly error: RunError | null;
  readonly notice: string | null;
  readonly errorGroups: readonly ErrorGroup[];
}

/**
 * Ends a run in one statement: the final state, the error groups and, if it succeeded and what the pipeline imports is still
 * what the run imported, the pipeline's cursor, which never goes back (canonical times order as text in the C collation).
 */
const END = `
  WITH ended AS (
    UPDATE runs SET status = $3, end_time = greatest(clock_timestamp(), start_time), heartbeat_at = clock_timestamp(),
      passed = $4, failed = $5, added = $6, changed = $7, unchanged = $8, removed = $9, merged = $10,
      error_code = $11, error_step = $12, error_message = $13, notice = $14
    WHERE id = $1 AND epoch = $2 AND status = 'running'
    RETURNING id, workspace_id, pipeline_id, version
  ), moved AS (
    UPDATE pipelines p SET cursor = $15 FROM ended
    WHERE p.id = ended.pipeline_id AND p.version = ended.version AND $3 = 'succeeded' AND $15::text IS NOT NULL
      AND (p.cursor IS NULL OR p.cursor < $15 COLLATE "C")
  ), grouped AS (
    INSERT INTO run_error_groups (run_id, step, code, message, count, keys)
    SELECT ended.id, g.step, g.code, g.message, g.count, g.keys
    FROM ended, jsonb_to_recordset($16::jsonb) AS g (step text, code text, message text, count bigint, keys text[])
    ON CONFLICT (run_id, step, code, message) DO UPDATE SET count = excluded.count, keys = excluded.keys
  )
  SELECT w.id AS workspace, w.pending_mode IS NOT NULL AS "modePending"
  FROM ended JOIN workspaces w ON w.id = ended.workspace_id`;

/** Ends a run that this owner still owns; false when it does not, and nothing was written. */
export async function endRun(
  { database }: { readonly database: Database },
  owner: RunOwner,
  end: RunEnd,
): Promise<boolean> {
  const { receipt, error } = end;
  const { rows } = await database.pool.query<{ workspace: number; modePending: boolean }>({
    name: 'end-run',
    text: END,
    values: [
      owner.run,
      owner.epoch,
      end.status,
      receipt?.passed ?? end.counts.passed,
      receipt?.failed ?? end.counts.failed,
      receipt?.added ?? null,
      receipt?.changed ?? null,
      receipt?.unchanged ?? null,
      receipt?.removed ?? null,
      receipt?.merged ?? null,
      error?.code ?? null,
      error?.step ?? null,
      error?.message ?? null,
      end.notice,
      receipt?.cursor ?? null,
      JSON.stringify(end.errorGroups),
    ],
  });
  const [ended] = rows;
  if (ended?.modePending) await completeModeChange({ database }, ended.workspace);
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
  /** Hands back only if the heartbeat is still this one (recovery). */
  readonly ifHeartbeatAt?: string;
}

const HAND_BACK = `
  UPDATE runs SET status = 'queued', queued_at = clock_timestamp() + $4 * interval '1 millisecond', worker = NULL,
    passed = '{0,0,0,0,0,0}', failed = '{0,0,0,0,0,0}',
    lost_attempts = lost_attempts + ($3 = 'lost')::int, retries = retries + ($3 = 'retry')::int,
    settle_only = settle_only OR $3 = 'settle',
    error_code = $5, error_step = $6, error_message = $7
  WHERE id = $1 AND epoch = $2 AND status = 'running' AND ($8::text IS NULL OR heartbeat_at::text = $8)`;

/** Puts a running run back into the queue; false when this owner does not own it any more, and nothing was written. */
export async function handBackRun(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  owner: RunOwner,
  handBack: HandBack,
): Promise<boolean> {
  const { error } = handBack;
  const { rowCount } = await database.pool.query({
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
    ],
  });
  if (rowCount === 0) return false;
  const next: QueuedRun = { run: owner.run, epoch: owner.epoch + 1, delayMs: handBack.delayMs };
  await withinRedisPatience(queues.addRun(next));
  return true;
}

/** The error of a cancelled run; its words are documented. */
export function cancelledError(): RunError {
  return { code: 'RunCancelled', step: 'Receive', message: new AppError('RunCancelled').message };
}
