import { setTimeout as pause } from 'node:timers/promises';
import { sqlState } from './database-error.js';
import type { Session } from './session.js';

const LOCK_NOT_AVAILABLE = '55P03';
/** Dropping and altering a table need all of its readers out; those that come later wait behind it for so long. */
const READERS_LOCK_MS = 2_000;
const READERS_TRIES = 5;
/** Lets the readers that waited get through before the next try. */
const READERS_PAUSE_MS = 500;

/**
 * Does what needs all readers of a table out, in one transaction or statement that can be done again, and tries several times to get
 * between them. The short wait for locks stays the session's. Throws AppError WarehouseConflict when readers leave no gap.
 */
export async function whenReadersLeave(session: Session, work: () => Promise<unknown>): Promise<void> {
  await session.query("SELECT set_config('lock_timeout', $1, false)", [`${READERS_LOCK_MS}ms`]);
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || tries === READERS_TRIES) throw error;
      await pause(READERS_PAUSE_MS);
    }
  }
}

/** As {@link whenReadersLeave}, as a part of a transaction. */
export async function whenReadersLeaveInTransaction(session: Session, work: () => Promise<unknown>): Promise<void> {
  await whenReadersLeave(session, async () => {
    await session.query('SAVEPOINT before_lock');
    try {
      await work();
    } catch (error) {
      if (sqlState(error) === LOCK_NOT_AVAILABLE) await session.query('ROLLBACK TO SAVEPOINT before_lock');
      throw error;
    }
  });
}
