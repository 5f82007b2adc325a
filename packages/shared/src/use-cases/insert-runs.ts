import type { RunTrigger } from '@penstock/domain';
import type { Database } from '../platform/database.js';
import type { StartFacts } from './start-decision.js';

export interface NewRun {
  readonly workspace: number;
  readonly pipeline: number;
  /** null takes the pipeline's own setting; only of imports. */
  readonly incremental: boolean | null;
  /** Whether all records are sent, those that have not changed as well; null does not; only of exports. */
  readonly full?: boolean | null;
  readonly trigger: RunTrigger;
  /** API key that asks, null for a schedule. */
  readonly requestedBy: number | null;
  /** Lets a retry remove what the delete brake held back. */
  readonly allowRemoval?: boolean;
}

/**
 * Inserts runs if everything allows them and says what was found, in one round trip for as many as were asked for at a time.
 * The row lock on the workspace keeps a mode change from slipping in between; the unique index of live runs decides between
 * simultaneous starts. Of several requests for one pipeline only the first is tried: the others have lost the race.
 * Pipelines and live runs are looked up one by one, by their indexes: left to itself, the planner takes the requests for many
 * and reads whole tables (OFFSET 0 keeps it from joining).
 */
const INSERT = `
  WITH request AS (
    SELECT *, row_number() OVER (PARTITION BY pipeline ORDER BY position) AS turn
    FROM unnest($1::int[], $2::int[], $3::boolean[], $4::text[], $5::int[], $6::boolean[], $7::boolean[]) WITH ORDINALITY
      AS r (workspace, pipeline, incremental, trigger, requested_by, allow_removal, wants_full, position)
  ), workspace AS (
    SELECT id, coalesce(pending_mode, warehouse_mode) AS mode FROM workspaces
    WHERE id = ANY ($1) AND deleted_at IS NULL ORDER BY id FOR SHARE
  ), fact AS (
    SELECT r.*, w.mode, w.id IS NOT NULL AS has_workspace, p.id IS NOT NULL AS exists, p.version, p.enabled,
      p.kind LIKE 'export-%' AS is_export, p.has_update_time, coalesce(r.incremental, p.incremental) AS is_incremental,
      p.cursor, live.id AS live
    FROM request r
    LEFT JOIN workspace w ON w.id = r.workspace
    LEFT JOIN LATERAL (SELECT * FROM pipelines WHERE id = r.pipeline AND workspace_id = w.id OFFSET 0) p ON true
    LEFT JOIN LATERAL (
      SELECT id FROM runs WHERE pipeline_id = p.id AND status IN ('queued', 'running') OFFSET 0
    ) live ON true
  ), started AS (
    INSERT INTO runs (workspace_id, pipeline_id, version, trigger, requested_by, allow_removal, incremental, cursor,
      "full", start_time, queued_at)
    SELECT workspace, pipeline, version, trigger, requested_by, allow_removal, is_incremental,
      CASE WHEN is_incremental THEN cursor END, coalesce(wants_full, false), clock_timestamp(), clock_timestamp()
    FROM fact
    WHERE turn = 1 AND enabled AND mode = 'Normal' AND (has_update_time OR incremental IS NOT TRUE) AND live IS NULL
      AND CASE WHEN is_export THEN incremental IS NULL ELSE wants_full IS NULL END
    ORDER BY pipeline
    ON CONFLICT (pipeline_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING id, pipeline_id
  )
  SELECT started.id::float8 AS run, fact.live::float8 AS live, fact.mode, fact.has_workspace AS "hasWorkspace", fact.exists,
    fact.enabled, fact.is_export AS "isExport", fact.has_update_time AS "hasUpdateTime"
  FROM fact LEFT JOIN started ON started.pipeline_id = fact.pipeline AND fact.turn = 1
  ORDER BY fact.position`;

/** Inserts runs, each of which may be refused; what was found for each, in the order of the requests. */
export async function insertRuns(
  client: Pick<Database['pool'], 'query'>,
  runs: readonly NewRun[],
): Promise<StartFacts[]> {
  const { rows } = await client.query<StartFacts>({
    name: 'insert-runs',
    text: INSERT,
    values: [
      runs.map(({ workspace }) => workspace),
      runs.map(({ pipeline }) => pipeline),
      runs.map(({ incremental }) => incremental),
      runs.map(({ trigger }) => trigger),
      runs.map(({ requestedBy }) => requestedBy),
      runs.map(({ allowRemoval = false }) => allowRemoval),
      runs.map(({ full = null }) => full),
    ],
  });
  return rows;
}
