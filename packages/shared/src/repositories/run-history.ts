import type { RunStatus } from '@penstock/domain';
import type { Database } from '../platform/database.js';

/** What the documented API shows of a run. */
export interface RunHistoryRow {
  readonly id: number;
  readonly pipeline: number;
  readonly status: RunStatus;
  readonly startTime: Date;
  readonly endTime: Date | null;
  readonly passed: readonly number[];
  readonly failed: readonly number[];
  readonly errorMessage: string | null;
}

const PAGE = 1_000;

/** `r.id`, not `id`: that would be the column of the answer, a float8 that no index is sorted by. */
const READ_PAGE = `
  SELECT r.id::float8 AS id, r.pipeline_id AS pipeline, r.status, r.start_time AS "startTime", r.end_time AS "endTime",
    r.passed::float8[] AS passed, r.failed::float8[] AS failed, r.error_message AS "errorMessage"
  FROM runs r WHERE r.workspace_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT ${PAGE}`;

/**
 * All runs of a workspace, newest first, read a page at a time and only when the page before was taken. No connection is held
 * meanwhile: with a cursor, a few slow readers would take the connections away from everybody else.
 */
export async function* readRunHistory({ pool }: Database, workspace: number): AsyncGenerator<RunHistoryRow> {
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const { rows } = await pool.query<RunHistoryRow>({
      name: 'read-run-history',
      text: READ_PAGE,
      values: [workspace, before],
    });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    before = last.id;
  }
}
