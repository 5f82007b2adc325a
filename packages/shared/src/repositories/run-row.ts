import type { ErrorCode, RunStatus, RunTrigger, Step } from '@penstock/domain';

/** A row of `runs` with counters as numbers. */
export interface RunRow {
  readonly id: number;
  readonly workspace: number;
  readonly pipeline: number;
  readonly version: number;
  readonly status: RunStatus;
  readonly trigger: RunTrigger;
  readonly requestedBy: number | null;
  readonly incremental: boolean;
  /** Whether a run of an export sends all records, those that have not changed as well. */
  readonly full: boolean;
  readonly epoch: number;
  readonly lostAttempts: number;
  readonly retries: number;
  readonly worker: string | null;
  readonly startTime: Date;
  readonly queuedAt: Date;
  readonly claimedAt: Date | null;
  readonly heartbeatAt: Date | null;
  readonly endTime: Date | null;
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  readonly added: number | null;
  readonly changed: number | null;
  readonly unchanged: number | null;
  readonly removed: number | null;
  readonly merged: number | null;
  readonly errorCode: ErrorCode | null;
  readonly errorStep: Step | null;
  readonly errorMessage: string | null;
  readonly notice: string | null;
  readonly cancelRequestedAt: Date | null;
  readonly cancelledBy: string | null;
}

/** Select list for {@link RunRow}; counters as float8, which is exact up to 2^53. */
export const RUN_COLUMNS = `
  id::float8 AS id, workspace_id AS workspace, pipeline_id AS pipeline, version, status, trigger,
  requested_by AS "requestedBy", incremental, "full", epoch, lost_attempts AS "lostAttempts", retries, worker,
  start_time AS "startTime", queued_at AS "queuedAt", claimed_at AS "claimedAt", heartbeat_at AS "heartbeatAt",
  end_time AS "endTime", passed::float8[] AS passed, failed::float8[] AS failed, added::float8 AS added,
  changed::float8 AS changed, unchanged::float8 AS unchanged, removed::float8 AS removed, merged::float8 AS merged,
  error_code AS "errorCode", error_step AS "errorStep", error_message AS "errorMessage", notice,
  cancel_requested_at AS "cancelRequestedAt", cancelled_by AS "cancelledBy"`;
