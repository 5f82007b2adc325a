import { AppError } from '@penstock/domain';
import { type DryRunAnswer, encodeDryRun, type RecordedDryRun } from '../../contracts/dry-runs.js';
import type { Dependencies } from '../dependencies.js';

const SELECT = `
  SELECT id::float8 AS id, pipeline_id AS pipeline, status, incremental, "full", requested_at AS "requestedAt",
    start_time AS "startTime", end_time AS "endTime", passed, failed, outcome, errors, error_code AS "errorCode",
    error_step AS "errorStep", error_message AS "errorMessage"
  FROM dry_runs WHERE id = $1 AND workspace_id = $2`;

/** A dry run as the API shows it. @throws AppError NotFound */
export async function getDryRun(
  { database }: Pick<Dependencies, 'database'>,
  { workspace, dryRun }: { readonly workspace: number; readonly dryRun: number },
): Promise<DryRunAnswer> {
  const { rows } = await database.pool.query<RecordedDryRun>(SELECT, [dryRun, workspace]);
  const [row] = rows;
  if (row === undefined) throw new AppError('NotFound', { message: 'dry run does not exist' });
  return encodeDryRun(row);
}
