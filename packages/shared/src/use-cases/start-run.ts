import { AppError } from '@penstock/domain';
import type pg from 'pg';
import { Batcher } from '../platform/batcher.js';
import { type Database, FOREIGN_KEY_VIOLATION, inTransaction, sqlState } from '../platform/database.js';
import { withinRedisPatience } from '../queues/queues.js';
import type { Dependencies } from './dependencies.js';
import { insertRuns, type NewRun } from './insert-runs.js';
import { decideStart, type StartFacts } from './start-decision.js';

export interface StartRequest extends NewRun {
  /** Done in the transaction that inserts the run, after it. */
  readonly afterInsert?: (client: pg.PoolClient, run: number) => Promise<void>;
}

/** Inserts runs that are asked for at the same time together: few round trips and few commits, however many start. */
export type RunInserter = Batcher<NewRun, StartFacts>;

/** An error in a batch (a pipeline that is deleted at this moment) may be anybody's: each is then inserted by itself. */
export function createRunInserter({ pool }: Pick<Database, 'pool'>): RunInserter {
  return new Batcher(
    (runs) => insertRuns(pool, runs),
    async (run) => (await insertRuns(pool, [run]))[0] as StartFacts,
  );
}

/**
 * Starts a run of a pipeline: the row first, then its job.
 * @throws AppError NotFound, BadRequest, PipelineDisabled, IncrementalRequiresUpdateTimeColumn, PipelineInProgress, InspectionMode or
 *   MaintenanceMode; the first that applies, in the documented order. Nothing is written then.
 */
export async function startRun(
  deps: Pick<Dependencies, 'database' | 'queues' | 'runInserter'>,
  request: StartRequest,
): Promise<{ readonly id: number }> {
  const { pool } = deps.database;
  const { afterInsert } = request;
  const id =
    afterInsert === undefined
      ? await started(pool, request, await deps.runInserter.do(request).catch(rethrowDeleted))
      : await inTransaction(pool, async (client) => {
          const run = await insertRun(client, request).catch(rethrowDeleted);
          await afterInsert(client, run);
          return run;
        });
  await announceRun(deps, id);
  return { id };
}

/** Inserts the run on a connection of the caller, whose transaction may hold more; throws as {@link startRun}. */
export async function insertRun(client: Queryable, run: NewRun): Promise<number> {
  const [facts] = await insertRuns(client, [run]);
  return started(client, run, facts as StartFacts);
}

/** Adds the first job of a run. Should Redis be away, recovery adds it: a start is never refused for that. */
export async function announceRun({ queues }: Pick<Dependencies, 'queues'>, run: number): Promise<void> {
  await withinRedisPatience(queues.addRun({ run, epoch: 1 }));
}

/** The pipeline was deleted after the statement had seen it: the foreign key knows better. */
function rethrowDeleted(error: unknown): never {
  if (sqlState(error) !== FOREIGN_KEY_VIOLATION) throw error;
  throw new AppError('NotFound', { message: 'pipeline does not exist', cause: error });
}

type Queryable = Pick<Database['pool'], 'query'>;

async function started(client: Queryable, run: NewRun, facts: StartFacts): Promise<number> {
  const decision = decideStart(facts, run);
  if (decision.kind === 'started') return decision.run;
  // The other run was inserted after this statement's snapshot: look again, so that its id can be told.
  if (decision.kind === 'lost-race') throw await inProgress(client, run.pipeline);
  throw new AppError(decision.code, { ...(decision.details && { details: decision.details }), ...decision.text });
}

async function inProgress(client: Queryable, pipeline: number): Promise<AppError> {
  const { rows } = await client.query<{ run: number }>(
    `SELECT id::float8 AS run FROM runs WHERE pipeline_id = $1 AND status IN ('queued', 'running')`,
    [pipeline],
  );
  return new AppError('PipelineInProgress', { details: { run: rows[0]?.run ?? null } });
}
