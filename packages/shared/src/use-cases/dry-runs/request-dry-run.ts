import { AppError, isExport, pipelineDefinitionSchema } from '@penstock/domain';
import { sqlState, UNIQUE_VIOLATION } from '../../platform/database.js';
import { withinRedisPatience } from '../../queues/queues.js';
import type { Dependencies } from '../dependencies.js';

export interface DryRunRequest {
  readonly workspace: number;
  readonly pipeline: number;
  /** null takes the pipeline's own setting. */
  readonly incremental: boolean | null;
  readonly full: boolean | null;
  /** API key that asks. */
  readonly requestedBy: number;
}

/** Dry runs of a pipeline that are kept. */
const KEPT = 20;

interface Facts {
  readonly mode: string;
  readonly hasUpdateTime: boolean;
  readonly definition: unknown;
}

const FACTS = `
  SELECT coalesce(w.pending_mode, w.warehouse_mode) AS mode, p.has_update_time AS "hasUpdateTime", v.definition
  FROM pipelines p
  JOIN workspaces w ON w.id = p.workspace_id AND w.deleted_at IS NULL
  JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
  WHERE p.id = $1 AND p.workspace_id = $2`;

/** Older ones go: of what would have been, only the latest is of interest. */
const INSERT = `
  WITH outdated AS (
    DELETE FROM dry_runs WHERE pipeline_id = $1 AND status IN ('succeeded', 'failed') AND id <= (
      SELECT id FROM dry_runs WHERE pipeline_id = $1 ORDER BY id DESC OFFSET ${KEPT - 1} LIMIT 1)
  )
  INSERT INTO dry_runs (workspace_id, pipeline_id, version, requested_by, incremental, "full", cursor)
  SELECT workspace_id, id, version, $3, coalesce($4, incremental), coalesce($5, false),
    CASE WHEN coalesce($4, incremental) THEN cursor END
  FROM pipelines WHERE id = $1 AND workspace_id = $2
  RETURNING id::float8 AS id`;

/**
 * Asks for a look at what a run would do now. Nothing is written at the other side, no run is held up, and the pipeline need not be enabled.
 * @throws AppError NotFound, BadRequest, IncrementalRequiresUpdateTimeColumn, MaintenanceMode, DryRunInProgress
 */
export async function requestDryRun(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  request: DryRunRequest,
): Promise<{ readonly id: number }> {
  const { workspace, pipeline, incremental, full, requestedBy } = request;
  const { rows } = await database.pool.query<Facts>(FACTS, [pipeline, workspace]);
  requirePossible(rows[0], request);
  const values = [pipeline, workspace, requestedBy, incremental, full];
  const inserted = await database.pool.query<{ id: number }>(INSERT, values).catch((error: unknown) => {
    if (sqlState(error) === UNIQUE_VIOLATION) throw new AppError('DryRunInProgress', { cause: error });
    throw error;
  });
  const [dryRun] = inserted.rows;
  if (dryRun === undefined) throw noPipeline();
  await withinRedisPatience(queues.addDryRun({ dryRun: dryRun.id, epoch: 1 }));
  return dryRun;
}

function requirePossible(facts: Facts | undefined, { incremental, full }: DryRunRequest): void {
  if (facts === undefined) throw noPipeline();
  const exporting = isExport(pipelineDefinitionSchema.parse(facts.definition));
  if (exporting && incremental !== null) throw unfit('incremental', 'must be null: the pipeline exports');
  if (!exporting && full !== null) throw unfit('full', 'must be null: the pipeline imports');
  if (incremental === true && !facts.hasUpdateTime) throw new AppError('IncrementalRequiresUpdateTimeColumn');
  if (facts.mode === 'Maintenance') throw new AppError('MaintenanceMode');
}

function unfit(path: string, message: string): AppError {
  return new AppError('BadRequest', { message: `${path} ${message}`, details: [{ path, message }] });
}

function noPipeline(): AppError {
  return new AppError('NotFound', { message: 'pipeline does not exist' });
}
