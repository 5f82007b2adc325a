import { AppError, type SchedulePeriod } from '@penstock/domain';
import { type Database, inTransaction } from '../platform/database.js';
import { withinRedisPatience } from '../queues/queues.js';
import { putScheduler, removeScheduler } from '../queues/schedulers.js';
import { announceCancellation } from './cancel-run.js';
import type { Dependencies } from './dependencies.js';
import { findSchedule } from './schedules.js';

type LifecycleDependencies = Pick<Dependencies, 'database' | 'redis' | 'redisPrefix' | 'queues' | 'periods'>;

interface PipelineRef {
  readonly workspace: number;
  readonly pipeline: number;
}

const notFound = (what: string): AppError => new AppError('NotFound', { message: `${what} does not exist` });

/** Enables or disables a pipeline, for schedules and new runs; a live run goes on. @throws AppError NotFound */
export async function setPipelineStatus(
  deps: LifecycleDependencies,
  { workspace, pipeline, enabled }: PipelineRef & { readonly enabled: boolean },
): Promise<void> {
  const { rowCount } = await deps.database.pool.query(
    `UPDATE pipelines SET enabled = $3, updated_at = now(),
       schedule_version = schedule_version + (enabled <> $3)::int,
       schedule_since = CASE WHEN enabled <> $3 THEN clock_timestamp() ELSE schedule_since END
     WHERE id = $2 AND workspace_id = $1`,
    [workspace, pipeline, enabled],
  );
  if (rowCount === 0) throw notFound('pipeline');
  await syncScheduler(deps, pipeline);
}

/** Sets or removes the schedule of a pipeline; setting what is set already changes nothing. @throws AppError NotFound */
export async function setPipelineSchedule(
  deps: LifecycleDependencies,
  { workspace, pipeline, period }: PipelineRef & { readonly period: SchedulePeriod | null },
): Promise<void> {
  const { rowCount } = await deps.database.pool.query(
    `UPDATE pipelines SET schedule_period = $3, updated_at = now(),
       schedule_version = schedule_version + (schedule_period IS DISTINCT FROM $3)::int,
       schedule_since = CASE WHEN schedule_period IS DISTINCT FROM $3 THEN clock_timestamp() ELSE schedule_since END
     WHERE id = $2 AND workspace_id = $1`,
    [workspace, pipeline, period],
  );
  if (rowCount === 0) throw notFound('pipeline');
  await syncScheduler(deps, pipeline);
}

/**
 * Deletes a pipeline with its runs, at once and in every mode. A live run is told to stop and can publish nothing more once
 * the purge, which follows in the background, has reached the warehouse.
 * @throws AppError NotFound
 */
export async function deletePipeline(deps: LifecycleDependencies, { workspace, pipeline }: PipelineRef): Promise<void> {
  const removed = await deletePipelines(deps.database, 'p.id = $1 AND p.workspace_id = $2', [pipeline, workspace]);
  if (removed.length === 0) throw notFound('pipeline');
  await cleanUpAfter(deps, removed);
}

/** Deletes a connection with its pipelines, as {@link deletePipeline} does. @throws AppError NotFound */
export async function deleteConnection(
  deps: LifecycleDependencies,
  { workspace, connection }: { readonly workspace: number; readonly connection: number },
): Promise<void> {
  const removed = await inTransaction(deps.database.pool, async (client) => {
    await dropPrimarySource(client, workspace, connection);
    const pipelines = await deletePipelinesIn(client, 'p.connection_id = $1 AND p.workspace_id = $2', [
      connection,
      workspace,
    ]);
    const { rowCount } = await client.query('DELETE FROM connections WHERE id = $1 AND workspace_id = $2', [
      connection,
      workspace,
    ]);
    if (rowCount === 0) throw notFound('connection');
    return pipelines;
  });
  await cleanUpAfter(deps, removed);
}

/**
 * Deletes a workspace with its connections and pipelines. Its warehouse is the customer's and is left as it is; the row of
 * the workspace stays, so that keys bound to it can be answered and its id is never given to another.
 * @throws AppError NotFound
 */
export async function deleteWorkspace(
  deps: LifecycleDependencies,
  { workspace }: { readonly workspace: number },
): Promise<void> {
  const removed = await inTransaction(deps.database.pool, async (client) => {
    const { rowCount } = await client.query(
      'UPDATE workspaces SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL',
      [workspace],
    );
    if (rowCount === 0) throw notFound('workspace');
    const pipelines = await deletePipelinesIn(client, 'p.workspace_id = $1', [workspace]);
    await client.query('DELETE FROM pending_purges WHERE workspace_id = $1', [workspace]);
    await client.query('DELETE FROM warehouse_operations WHERE workspace_id = $1', [workspace]);
    await client.query('DELETE FROM connections WHERE workspace_id = $1', [workspace]);
    return pipelines;
  });
  await cleanUpAfter(deps, removed);
}

interface RemovedPipeline {
  readonly pipeline: number;
  readonly liveRun: number | null;
}

type Queryable = Pick<Database['pool'], 'query'>;

function deletePipelines(database: Database, where: string, values: readonly number[]): Promise<RemovedPipeline[]> {
  return inTransaction(database.pool, (client) => deletePipelinesIn(client, where, values));
}

/** `where` is one of this file's own conditions; nothing of a request is ever part of it. */
async function deletePipelinesIn(
  client: Queryable,
  where: string,
  values: readonly number[],
): Promise<RemovedPipeline[]> {
  const { rows } = await client.query<RemovedPipeline>(
    `SELECT p.id AS pipeline,
       (SELECT r.id::float8 FROM runs r WHERE r.pipeline_id = p.id AND r.status IN ('queued', 'running')) AS "liveRun"
     FROM pipelines p WHERE ${where} FOR UPDATE`,
    [...values],
  );
  const ids = rows.map(({ pipeline }) => pipeline);
  await client.query(
    `INSERT INTO pending_purges (pipeline_id, workspace_id) SELECT id, workspace_id FROM pipelines WHERE id = ANY ($1)`,
    [ids],
  );
  await client.query('DELETE FROM pipelines WHERE id = ANY ($1)', [ids]);
  return rows;
}

async function cleanUpAfter(deps: LifecycleDependencies, removed: readonly RemovedPipeline[]): Promise<void> {
  const live = removed.flatMap(({ liveRun }) => (liveRun === null ? [] : [liveRun]));
  await announceCancellation(deps, live);
  await withinRedisPatience(
    Promise.all(
      removed.flatMap(({ pipeline }) => [removeScheduler(deps.queues, pipeline), deps.queues.addPurge(pipeline)]),
    ),
  );
}

/**
 * Properties whose primary source is gone have none. The workspace is locked, before its pipelines as everywhere, so that an
 * alteration that ends at this moment does not bring the connection back.
 */
async function dropPrimarySource(client: Queryable, workspace: number, connection: number): Promise<void> {
  await client.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [workspace]);
  await client.query(
    `UPDATE workspaces SET resolution_settings_at = clock_timestamp(), primary_sources =
       (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(primary_sources) WHERE value <> to_jsonb($2::int))
     WHERE id = $1 AND jsonb_path_exists(primary_sources, '$.* ? (@ == $connection)', jsonb_build_object('connection', $2::int))`,
    [workspace, connection],
  );
}

/** Makes Redis follow at once; if Redis is away the reconciler does it. */
async function syncScheduler(deps: LifecycleDependencies, pipeline: number): Promise<void> {
  const schedule = await findSchedule(deps.database, pipeline);
  await withinRedisPatience(
    schedule === undefined ? removeScheduler(deps.queues, pipeline) : putScheduler(deps.queues, schedule, deps.periods),
  );
}
