import type { ResolutionOutcome } from '@penstock/warehouses';
import { type Database, inTransaction, sqlState, UNIQUE_VIOLATION } from '../../platform/database.js';
import { type QueuedOperation, withinRedisPatience } from '../../queues/queues.js';
import type { Dependencies } from '../dependencies.js';
import { completeModeChange } from '../warehouse-mode.js';
import { adoptSchema } from './adopt-schema.js';
import { announceOperations } from './announce-operations.js';
import type { ClaimedOperation, OperationKind } from './operation.js';
import type { OperationHandBack, OperationSettlement } from './settle-operation.js';

type Queryable = Pick<Database['pool'], 'query'>;

/** Operations of a kind that a workspace keeps after they have ended. */
const KEPT_OPERATIONS = 100;

/** Writes what became of an operation; false when this owner does not own it any more, and nothing was written. */
export async function settleOwnedOperation(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  operation: ClaimedOperation,
  settlement: OperationSettlement,
): Promise<boolean> {
  const written = await write(deps, operation, settlement);
  if (!written) return false;
  await completeModeChange(deps, operation.workspace);
  await announceOperations(deps, operation.workspace);
  return true;
}

function write(
  deps: Pick<Dependencies, 'database' | 'queues'>,
  operation: ClaimedOperation,
  settlement: OperationSettlement,
): Promise<boolean> {
  const { pool } = deps.database;
  switch (settlement.kind) {
    case 'succeed':
      return end(pool, operation, { status: 'succeeded', outcome: settlement.outcome, error: null });
    case 'fail':
      return end(pool, operation, { status: 'failed', outcome: null, error: settlement.error });
    case 'adopt':
      return inTransaction(pool, async (client) => {
        // The workspace first, as everybody does who locks both.
        await adoptSchema(client, operation.workspace, settlement.request);
        const owned = await end(client, operation, { status: 'succeeded', outcome: null, error: null });
        if (!owned) throw new NotOwned();
        return true;
      }).catch(ifNotOwned);
    case 'hand-back':
      return handBack(deps, operation, settlement);
    case 'abandon':
      return Promise.resolve(false);
  }
}

interface End {
  readonly status: 'succeeded' | 'failed';
  readonly outcome: ResolutionOutcome | null;
  readonly error: string | null;
}

async function end(client: Queryable, { operation, epoch }: ClaimedOperation, how: End): Promise<boolean> {
  const { rowCount } = await client.query(
    `WITH ended AS (
       UPDATE warehouse_operations SET status = $3, outcome = $4, error = $5, end_time = greatest(clock_timestamp(), start_time)
       WHERE id = $1 AND epoch = $2 AND status = 'running' RETURNING id, workspace_id, kind
     ), outdated AS (
       SELECT older.id FROM ended, LATERAL (
         SELECT o.id FROM warehouse_operations o WHERE o.workspace_id = ended.workspace_id AND o.kind = ended.kind
         ORDER BY o.id DESC OFFSET ${KEPT_OPERATIONS} LIMIT 1) AS older
     ), dropped AS (
       DELETE FROM warehouse_operations o USING ended, outdated
       WHERE o.workspace_id = ended.workspace_id AND o.kind = ended.kind AND o.id <= outdated.id AND o.end_time IS NOT NULL
     )
     SELECT FROM ended`,
    [operation, epoch, how.status, how.outcome === null ? null : JSON.stringify(how.outcome), how.error],
  );
  return rowCount === 1;
}

/** Request and hand-back at the same time: the second of them looks again. */
const MAX_HAND_BACKS = 5;

async function handBack(
  { database, queues }: Pick<Dependencies, 'database' | 'queues'>,
  claimed: ClaimedOperation,
  how: OperationHandBack,
): Promise<boolean> {
  for (let round = 1; ; round += 1) {
    try {
      const requeued = await inTransaction(database.pool, (client) => requeue(client, claimed, how));
      if (requeued === undefined) return false;
      await withinRedisPatience(queues.addOperation(requeued));
      return true;
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION || round === MAX_HAND_BACKS) throw error;
    }
  }
}

/**
 * A request that came meanwhile and waits is the same as this one, which begins again: they become one, which has the id that was
 * answered last and is tried when that one was to be.
 */
async function requeue(
  client: Queryable,
  { operation, epoch, workspace, kind }: ClaimedOperation,
  { delayMs, error, mayBeDone }: OperationHandBack,
): Promise<QueuedOperation | undefined> {
  const { rowCount } = await client.query(
    `SELECT FROM warehouse_operations WHERE id = $1 AND epoch = $2 AND status = 'running' FOR UPDATE`,
    [operation, epoch],
  );
  if (rowCount === 0) return undefined;
  const waiting = await takeWaiting(client, workspace, kind);
  const delay = waiting?.delayMs ?? delayMs;
  const id = waiting?.id ?? operation;
  await client.query(
    `UPDATE warehouse_operations SET id = $5, request = coalesce(request, $6), status = 'queued', stop_requested = false,
       may_be_done = $4, error = $3, attempts = attempts + ($3::text IS NOT NULL)::int,
       due_at = clock_timestamp() + $2 * interval '1 millisecond'
     WHERE id = $1`,
    [operation, delay, error, mayBeDone, id, waiting?.request ?? null],
  );
  return { operation: id, workspace, epoch: epoch + 1, delayMs: delay };
}

interface WaitingOperation {
  readonly id: number;
  readonly request: unknown;
  readonly delayMs: number;
}

async function takeWaiting(
  client: Queryable,
  workspace: number,
  kind: OperationKind,
): Promise<WaitingOperation | undefined> {
  const { rows } = await client.query<WaitingOperation>(
    `DELETE FROM warehouse_operations WHERE workspace_id = $1 AND kind = $2 AND status = 'queued'
     RETURNING id::float8 AS id, request, greatest(0, ceil(extract(epoch FROM due_at - clock_timestamp()) * 1000))::float8 AS "delayMs"`,
    [workspace, kind],
  );
  return rows[0];
}

/** Rolls the transaction back of a worker that lost its operation. */
class NotOwned extends Error {}

function ifNotOwned(error: unknown): boolean {
  if (error instanceof NotOwned) return false;
  throw error;
}
