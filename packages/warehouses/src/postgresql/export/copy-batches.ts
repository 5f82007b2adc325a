import { AppError } from '@penstock/domain';
import type { RawRow } from '@penstock/engine';
import { CopyOut } from '@penstock/postgresql';
import { sqlState } from '../database-error.js';
import type { Session } from '../session.js';

const UNDEFINED_COLUMN = '42703';

/**
 * Reads the rows of a query by COPY, as texts and nulls, and lets the server wait while the consumer is busy. Whoever stops before the
 * end gives the session up. Throws AppErrors; WarehouseConflict when a column is not there any more.
 */
export async function* copyBatches(
  session: Session,
  query: string,
  columns: number,
): AsyncGenerator<readonly RawRow[], void, undefined> {
  const copy = new CopyOut({ statement: `COPY (${query}) TO STDOUT`, columns, checkUtf8: false });
  const running = session.run(copy);
  // Whoever takes batches is told.
  running.catch(() => {});
  let isComplete = false;
  try {
    for (let rows = await take(copy, running); rows !== null; rows = await take(copy, running)) yield rows;
    await running;
    isComplete = true;
  } finally {
    if (!isComplete) await session.abandon();
  }
}

async function take(copy: CopyOut, running: Promise<void>): Promise<readonly RawRow[] | null> {
  const batch = await copy.batches.take().catch(async (error: unknown) => {
    // What the session makes of it says more.
    await running.catch((translated: unknown) => {
      throw alteredOr(translated);
    });
    throw error;
  });
  copy.resume();
  const [unreadable] = batch?.unreadable ?? [];
  if (unreadable !== undefined) {
    throw new AppError('WarehouseRefused', {
      message: `a profile cannot be read from the data warehouse: ${unreadable.message}`,
    });
  }
  return batch?.rows ?? null;
}

/** Names of columns come from the profile schema, as it was when the run began: where one is gone, the run can begin again. */
export function alteredOr(error: unknown): unknown {
  if (sqlState(error) !== UNDEFINED_COLUMN) return error;
  return new AppError('WarehouseConflict', {
    message: 'the profile schema was altered when the export began to read: it has to begin again',
    cause: error,
  });
}
