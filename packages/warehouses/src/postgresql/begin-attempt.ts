import { AppError } from '@penstock/domain';
import type { AttemptTarget, Receipt } from '@penstock/engine';
import { endSessionsBefore, markSession } from './attempt-sessions.js';
import { dropStaging } from './drop-leftovers.js';
import { type FenceFindings, isFenceLost, lost, takeFence } from './fence.js';
import type { PostgresqlSettings } from './postgresql-settings.js';
import type { Session } from './session.js';
import type { WarehousePools } from './warehouse-pools.js';
import type { AttemptId, TableName, WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

/** One workspace's warehouse. */
export interface OpenWarehouse {
  readonly pools: WarehousePools;
  readonly settings: PostgresqlSettings;
  readonly tables: WarehouseTables;
  readonly timeouts: WarehouseTimeouts;
}

export interface BegunAttempt extends FenceFindings {
  readonly session: Session;
}

/**
 * Takes the fence with a session of its own, and runs what else belongs to the beginning. Throws FenceLostError and AppErrors, see
 * {@link takeFence}.
 */
export async function beginAttempt<Result>(
  warehouse: OpenWarehouse,
  attempt: AttemptId & { readonly workspace: number },
  {
    signal,
    begun,
  }: { readonly signal: AbortSignal; readonly begun: (attempt: BegunAttempt) => Result | Promise<Result> },
): Promise<Result> {
  const { pools, settings, tables, timeouts } = warehouse;
  const session = await pools.session(settings, signal);
  try {
    const marked = requireInitialized(await markSession(session, tables, attempt, timeouts));
    return await begun({ session, ...(await takeFence(session, tables, { ...attempt, ...marked })) });
  } catch (error) {
    await session.close();
    throw await asFenceLost(warehouse, attempt, error);
  }
}

/** Takes the fence for nothing but to see whether an earlier attempt has published. */
export function findReceipt(
  warehouse: OpenWarehouse,
  target: AttemptTarget,
  signal: AbortSignal,
): Promise<Receipt | null> {
  return beginAttempt(warehouse, target, {
    signal,
    begun: async ({ session, receipt }) => {
      await session.close();
      return receipt;
    },
  });
}

/** Throws AppError when marking a session found no tables. */
export function requireInitialized<Mark>(marked: Mark | undefined): Mark {
  if (marked !== undefined) return marked;
  throw new AppError('WarehouseRefused', { message: 'the data warehouse has not been initialised' });
}

/** A session that breaks because a later attempt has ended it is told from one that breaks for other reasons. */
export async function asFenceLost(
  { pools, settings, tables }: OpenWarehouse,
  attempt: AttemptId,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'WarehouseUnavailable') return error;
  const isLost = pools.withSession(settings, (session) => isFenceLost(session, tables, attempt));
  return (await isLost.catch(() => false)) ? lost() : error;
}

/** Runs work of an attempt; see {@link asFenceLost}. */
export async function asOwner<Result>(
  warehouse: OpenWarehouse,
  attempt: AttemptId,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw await asFenceLost(warehouse, attempt, error);
  }
}

/**
 * Drops what an attempt has staged. When its own session is gone, the server process may still be busy, and hold what is to be
 * dropped.
 */
export async function dropStagedBy(
  { pools, settings, tables }: OpenWarehouse,
  { session, ...attempt }: AttemptId & { readonly session: Session },
  leftovers: readonly TableName[],
): Promise<void> {
  if (!session.isSpoiled) return dropStaging(session, leftovers);
  await pools.withSession(settings, async (other) => {
    await endSessionsBefore(other, tables, { ...attempt, epoch: attempt.epoch + 1 });
    await dropStaging(other, leftovers);
  });
}
