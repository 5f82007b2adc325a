import { sqlState } from '../database-error.js';
import type { Session } from '../session.js';

const UNIQUE_VIOLATION = '23505';

/**
 * Runs a statement of a transaction that a duplicate makes fail; returns false, with the statement undone, when one did.
 * Looking for duplicates before would cost every run what only few need.
 */
export async function unlessDuplicate(session: Session, statement: string): Promise<boolean> {
  await session.query('SAVEPOINT before_duplicate');
  try {
    await session.query(statement);
    await session.query('RELEASE SAVEPOINT before_duplicate');
    return true;
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    await session.query('ROLLBACK TO SAVEPOINT before_duplicate');
    return false;
  }
}
