import type { RunStatus, RunTrigger } from '@penstock/domain';
import type { Database } from '../platform/database.js';
import { RUN_COLUMNS, type RunRow } from './run-row.js';

export async function findRun(database: Database, workspace: number, run: number): Promise<RunRow | undefined> {
  const { rows } = await database.pool.query<RunRow>({
    name: 'find-run',
    text: `SELECT ${RUN_COLUMNS} FROM runs WHERE id = $1 AND workspace_id = $2`,
    values: [run, workspace],
  });
  return rows[0];
}

export interface RunFilter {
  readonly pipeline?: number | undefined;
  readonly status?: RunStatus | undefined;
  readonly trigger?: RunTrigger | undefined;
  /** Start times in [from, to). */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only runs with a lower id: the last one of the page before. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A page of a workspace's runs, newest first. */
export async function listRuns(database: Database, workspace: number, filter: RunFilter): Promise<RunRow[]> {
  const { rows } = await database.pool.query<RunRow>(
    `SELECT ${RUN_COLUMNS} FROM runs
     WHERE workspace_id = $1 AND ($2::int IS NULL OR pipeline_id = $2) AND ($3::text IS NULL OR status = $3)
       AND ($4::text IS NULL OR trigger = $4) AND ($5::timestamptz IS NULL OR start_time >= $5)
       AND ($6::timestamptz IS NULL OR start_time < $6) AND ($7::bigint IS NULL OR runs.id < $7)
     ORDER BY runs.id DESC LIMIT $8`,
    [
      workspace,
      filter.pipeline ?? null,
      filter.status ?? null,
      filter.trigger ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  );
  return rows;
}

/** The live runs that hold a pending mode change. */
export async function blockingRuns(
  database: Database,
  workspace: number,
): Promise<{ run: number; pipeline: number }[]> {
  const { rows } = await database.pool.query<{ run: number; pipeline: number }>(
    `SELECT id::float8 AS run, pipeline_id AS pipeline FROM runs
     WHERE workspace_id = $1 AND status IN ('queued', 'running') ORDER BY id`,
    [workspace],
  );
  return rows;
}

export interface ErrorGroupRow {
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  readonly keys: readonly string[];
}

/** What went wrong with a run's records, most frequent first. */
export async function listErrorGroups(database: Database, run: number): Promise<ErrorGroupRow[]> {
  const { rows } = await database.pool.query<ErrorGroupRow>(
    `SELECT step, code, message, count::float8 AS count, keys FROM run_error_groups
     WHERE run_id = $1 ORDER BY count DESC, step, message`,
    [run],
  );
  return rows;
}
