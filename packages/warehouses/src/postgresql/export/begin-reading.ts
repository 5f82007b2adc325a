import { sqlState } from '../database-error.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { existingTables } from './fold-journal.js';

const UNDEFINED_TABLE = '42P01';
const TRIES = 5;
/** Longest wait for a run that writes all fingerprints anew. */
const REWRITING_MS = 60_000;

/** Begins the transaction of a snapshot; it ends with its session. */
export async function beginReading(session: Session): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
}

/**
 * As {@link beginReading}, while runs of the pipeline go on. They replace the tables of what was accepted, and a snapshot from before finds nothing
 * in the new ones: the tables are locked before it is taken, which lets runs go on with them as they are.
 */
export async function beginReadingBesideRuns(
  session: Session,
  tables: WarehouseTables,
  pipeline: number,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const existing = await existingTables(session, tables, pipeline);
    await beginReading(session);
    try {
      await session.query(`SET LOCAL lock_timeout = '${REWRITING_MS}ms'`);
      for (const kind of ['fingerprints', 'accepted'] as const) {
        if (existing[kind]) await session.query(`LOCK TABLE ${tables[kind](pipeline).sql} IN ACCESS SHARE MODE`);
      }
      return;
    } catch (error) {
      if (sqlState(error) !== UNDEFINED_TABLE || tries === TRIES) throw error;
      await session.query('ROLLBACK');
    }
  }
}
