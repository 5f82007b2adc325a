import type { StepCounts } from '@penstock/domain';
import type { Database } from '../../platform/database.js';
import type { ClaimedRun } from '../claim-run.js';

/** A claimed dry run with all that it needs; settings as they are now, encrypted. */
export type ClaimedDryRun = Omit<
  ClaimedRun,
  | 'run'
  | 'allowRemoval'
  | 'settleOnly'
  | 'mayBePublished'
  | 'lostAttempts'
  | 'retries'
  | 'cancelRequested'
  | 'lastError'
> & { readonly dryRun: number };

const CLAIM = `
  WITH claimed AS (
    UPDATE dry_runs SET status = 'running', epoch = epoch + 1, start_time = coalesce(start_time, now()), heartbeat_at = now()
    WHERE id = $1 AND status = 'queued'
    RETURNING *
  )
  SELECT r.id::float8 AS "dryRun", r.epoch, r.workspace_id AS workspace, c.id AS connection, c.connector,
    c.settings AS "connectionSettings", w.warehouse_platform AS "warehousePlatform",
    w.warehouse_settings AS "warehouseSettings", w.profile_schema AS "profileSchema", r.pipeline_id AS pipeline,
    r.version, v.definition, r.cursor, r."full", p.cursor_overlap_ms AS "cursorOverlapMs",
    p.max_removed_share AS "maxRemovedShare", r.start_time AS "startTime"
  FROM claimed r
  JOIN pipelines p ON p.id = r.pipeline_id
  JOIN pipeline_versions v ON v.pipeline_id = r.pipeline_id AND v.version = r.version
  JOIN connections c ON c.id = p.connection_id
  JOIN workspaces w ON w.id = r.workspace_id`;

/** Takes a queued dry run; undefined when it has been taken already, or is gone. */
export async function claimDryRun(
  { database }: { readonly database: Database },
  dryRun: number,
): Promise<ClaimedDryRun | undefined> {
  const { rows } = await database.pool.query<ClaimedDryRun>(CLAIM, [dryRun]);
  return rows[0];
}

/** Who is at a dry run. */
export interface DryRunOwner {
  readonly dryRun: number;
  readonly epoch: number;
}

/** Says that a dry run is being worked at and how far it is; false when somebody else is at it, or it has been given up. */
export async function beatDryRun(
  { database }: { readonly database: Database },
  { dryRun, epoch }: DryRunOwner,
  { passed, failed }: StepCounts,
): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    `UPDATE dry_runs SET heartbeat_at = now(), passed = $3, failed = $4 WHERE id = $1 AND epoch = $2 AND status = 'running'`,
    [dryRun, epoch, passed, failed],
  );
  return rowCount === 1;
}
