import { sqlState } from '../database-error.js';
import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Takes a table for this transaction alone, unless somebody is reading it, as a dry run does: nobody holds an export up. Returns whether
 * it was to be had, at once.
 */
export async function lockAtOnce(session: Session, { sql }: TableName): Promise<boolean> {
  await session.query('SAVEPOINT before_lock');
  try {
    await session.query(`LOCK TABLE ${sql} IN ACCESS EXCLUSIVE MODE NOWAIT`);
    await session.query('RELEASE SAVEPOINT before_lock');
    return true;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    await session.query('ROLLBACK TO SAVEPOINT before_lock');
    return false;
  }
}

/** Drops a table; where somebody reads it, only its rows. Part of a transaction. */
export async function dropOrEmpty(session: Session, table: TableName): Promise<void> {
  const clear = (await lockAtOnce(session, table)) ? 'DROP TABLE' : 'DELETE FROM';
  await session.query(`${clear} ${table.sql}`);
}
