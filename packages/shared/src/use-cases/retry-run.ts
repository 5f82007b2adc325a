import { AppError } from '@penstock/domain';
import { findRun } from '../repositories/runs.js';
import type { Dependencies } from './dependencies.js';
import { type StartRequest, startRun } from './start-run.js';

export interface RetryRequest {
  readonly workspace: number;
  readonly run: number;
  /** Removes what the delete brake held back. */
  readonly allowRemoval: boolean;
  readonly requestedBy: number;
  readonly afterInsert?: StartRequest['afterInsert'];
}

/**
 * Starts a new run like a failed or cancelled one: a full one again in full, an incremental one from the pipeline's cursor.
 * @throws AppError NotFound, RunNotRetryable, and whatever refuses a start.
 */
export async function retryRun(
  deps: Pick<Dependencies, 'database' | 'queues' | 'runInserter'>,
  { workspace, run, allowRemoval, requestedBy, afterInsert }: RetryRequest,
): Promise<{ readonly id: number }> {
  const failed = await findRun(deps.database, workspace, run);
  if (failed === undefined) throw new AppError('NotFound', { message: 'pipeline run does not exist' });
  if (failed.status !== 'failed' && failed.status !== 'cancelled') throw new AppError('RunNotRetryable');
  return startRun(deps, {
    workspace,
    pipeline: failed.pipeline,
    // An incremental run needs no explicit wish: a pipeline that lost its update time column meanwhile runs in full.
    incremental: failed.incremental ? null : false,
    trigger: 'retry',
    requestedBy,
    allowRemoval,
    ...(afterInsert && { afterInsert }),
  });
}
