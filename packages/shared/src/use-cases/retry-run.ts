import { AppError, isExport } from '@penstock/domain';
import { findPipeline } from '../repositories/pipelines.js';
import type { RunRow } from '../repositories/run-row.js';
import { findRun } from '../repositories/runs.js';
import type { Dependencies } from './dependencies.js';
import type { StartWishes } from './start-decision.js';
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
 * Starts a new run like a failed or cancelled one: an import of everything again of everything, an incremental one from the pipeline's
 * cursor; an export of everything again of everything.
 * @throws AppError NotFound, RunNotRetryable, and whatever refuses a start.
 */
export async function retryRun(
  deps: Pick<Dependencies, 'database' | 'queues' | 'runInserter'>,
  { workspace, run, allowRemoval, requestedBy, afterInsert }: RetryRequest,
): Promise<{ readonly id: number }> {
  const failed = await findRun(deps.database, workspace, run);
  if (failed === undefined) throw new AppError('NotFound', { message: 'pipeline run does not exist' });
  if (failed.status !== 'failed' && failed.status !== 'cancelled') throw new AppError('RunNotRetryable');
  const pipeline = await findPipeline(deps.database, workspace, failed.pipeline);
  if (pipeline === undefined) throw new AppError('NotFound', { message: 'pipeline does not exist' });
  return startRun(deps, {
    workspace,
    pipeline: failed.pipeline,
    ...wishesOf(failed, isExport(pipeline.definition)),
    trigger: 'retry',
    requestedBy,
    allowRemoval,
    ...(afterInsert && { afterInsert }),
  });
}

/** An incremental run needs no explicit wish: a pipeline that lost its update time column meanwhile runs in full. */
function wishesOf({ incremental, full }: Pick<RunRow, 'incremental' | 'full'>, exports: boolean): StartWishes {
  return exports ? { incremental: null, full } : { incremental: incremental ? null : false };
}
