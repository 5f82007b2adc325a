import type { RunError, StepCounts } from '@penstock/domain';
import type { FailureGroup } from '@penstock/engine';
import type { DryRunOutcome } from '../../contracts/dry-runs.js';
import { withinRedisPatience } from '../../queues/queues.js';
import type { Dependencies } from '../dependencies.js';
import type { DryRunOwner } from './claim-dry-run.js';

/** How a dry run ends: with an outcome, or with an error. */
export interface DryRunEnd {
  readonly counts: StepCounts;
  readonly failures: readonly FailureGroup[];
  readonly outcome: DryRunOutcome | null;
  readonly error: RunError | null;
}

/** Ends a dry run; nothing happens when its owner has lost it. */
export async function endDryRun(
  { database }: Pick<Dependencies, 'database'>,
  { dryRun, epoch }: DryRunOwner,
  { counts, failures, outcome, error }: DryRunEnd,
): Promise<void> {
  await database.pool.query(
    `UPDATE dry_runs SET status = CASE WHEN $6::text IS NULL THEN 'succeeded' ELSE 'failed' END,
       end_time = greatest(clock_timestamp(), start_time), passed = $3, failed = $4, outcome = $5, error_code = $7, error_step = $8,
       error_message = $6, errors = $9
     WHERE id = $1 AND epoch = $2 AND status = 'running'`,
    [
      ...[dryRun, epoch, counts.passed, counts.failed, outcome === null ? null : JSON.stringify(outcome)],
      ...[error?.message ?? null, error?.code ?? null, error?.step ?? null, JSON.stringify(failures)],
    ],
  );
}

/** Puts a dry run back, for another worker. */
export async function handBackDryRun(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  { dryRun, epoch }: DryRunOwner,
): Promise<void> {
  const { rowCount } = await database.pool.query(
    `UPDATE dry_runs SET status = 'queued' WHERE id = $1 AND epoch = $2 AND status = 'running'`,
    [dryRun, epoch],
  );
  if (rowCount === 1) await withinRedisPatience(queues.addDryRun({ dryRun, epoch: epoch + 1 }));
}
