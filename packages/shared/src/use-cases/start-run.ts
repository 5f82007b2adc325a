import { AppError, type RunTrigger } from '@penstock/domain';
import type pg from 'pg';
import { inTransaction } from '../platform/database.js';
import { withinRedisPatience } from '../queues/queues.js';
import type { Dependencies } from './dependencies.js';
import { decideStart, type StartFacts } from './start-decision.js';

export interface StartRequest {
  readonly workspace: number;
  readonly pipeline: number;
  /** null takes the pipeline's own setting. */
  readonly incremental: boolean | null;
  readonly trigger: RunTrigger;
  /** API key that asks, null for a schedule. */
  readonly requestedBy: number | null;
  /** Lets a retry remove what the delete brake held back. */
  readonly allowRemoval?: boolean;
  /** Done in the transaction that inserts the run, after it. */
  readonly afterInsert?: (client: pg.PoolClient, run: number) => Promise<void>;
}

/**
 * Inserts a run if everything allows it and says what was found, in one round trip. The row lock on the workspace keeps a
 * mode change from slipping in between; the unique index of live runs decides between simultaneous starts.
 */
const START = `
  WITH workspace AS (
    SELECT coalesce(pending_mode, warehouse_mode) AS mode FROM workspaces WHERE id = $1 AND deleted_at IS NULL FOR SHARE
  ), pipeline AS (
    SELECT p.id, p.kind, p.version, p.enabled, p.has_update_time, coalesce($3, p.incremental) AS incremental, p.cursor
    FROM pipelines p, workspace WHERE p.id = $2 AND p.workspace_id = $1
  ), live AS (
    SELECT id FROM runs WHERE pipeline_id = $2 AND status IN ('queued', 'running')
  ), started AS (
    INSERT INTO runs (workspace_id, pipeline_id, version, trigger, requested_by, allow_removal, incremental, cursor,
      start_time, queued_at)
    SELECT $1, p.id, p.version, $4, $5, $6, p.incremental, CASE WHEN p.incremental THEN p.cursor END,
      clock_timestamp(), clock_timestamp()
    FROM pipeline p, workspace w
    WHERE p.enabled AND w.mode = 'Normal' AND (p.has_update_time OR $3 IS NOT TRUE) AND NOT EXISTS (SELECT FROM live)
    ON CONFLICT (pipeline_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING id
  )
  SELECT (SELECT id FROM started)::float8 AS run, (SELECT id FROM live)::float8 AS live, w.mode, p.enabled,
    p.id IS NOT NULL AS exists, p.has_update_time AS "hasUpdateTime"
  FROM workspace w LEFT JOIN pipeline p ON true`;

/**
 * Starts a run of a pipeline: the row first, then its job.
 * @throws AppError NotFound, IncrementalRequiresUpdateTimeColumn, PipelineDisabled, PipelineInProgress, InspectionMode or
 *   MaintenanceMode; the first that applies, in the documented order. Nothing is written then.
 */
export async function startRun(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  request: StartRequest,
): Promise<{ readonly id: number }> {
  const { pool } = deps.database;
  const { afterInsert } = request;
  const id =
    afterInsert === undefined
      ? await insertRun(pool, request)
      : await inTransaction(pool, async (client) => {
          const run = await insertRun(client, request);
          await afterInsert(client, run);
          return run;
        });
  await announceRun(deps, id);
  return { id };
}

/** Inserts the run on a connection of the caller, whose transaction may hold more; throws as {@link startRun}. */
export async function insertRun(client: pg.Pool | pg.PoolClient, request: StartRequest): Promise<number> {
  const { rows } = await client.query<StartFacts>({
    name: 'start-run',
    text: START,
    values: [
      request.workspace,
      request.pipeline,
      request.incremental,
      request.trigger,
      request.requestedBy,
      request.allowRemoval ?? false,
    ],
  });
  const decision = decideStart(rows[0], request.incremental);
  if (decision.kind === 'started') return decision.run;
  // The other run was inserted after this statement's snapshot: look again, so that its id can be told.
  if (decision.kind === 'lost-race') throw await inProgress(client, request.pipeline);
  throw new AppError(decision.code, { ...(decision.details && { details: decision.details }), ...decision.text });
}

/** Adds the first job of a run. Should Redis be away, recovery adds it: a start is never refused for that. */
export async function announceRun({ queues }: Pick<Dependencies, 'queues'>, run: number): Promise<void> {
  await withinRedisPatience(queues.addRun({ run, epoch: 1 }));
}

async function inProgress(client: pg.Pool | pg.PoolClient, pipeline: number): Promise<AppError> {
  const { rows } = await client.query<{ run: number }>(
    `SELECT id::float8 AS run FROM runs WHERE pipeline_id = $1 AND status IN ('queued', 'running')`,
    [pipeline],
  );
  return new AppError('PipelineInProgress', { details: { run: rows[0]?.run ?? null } });
}
