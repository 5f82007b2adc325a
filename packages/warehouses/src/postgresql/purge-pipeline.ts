import { setTimeout as pause } from 'node:timers/promises';
import { sqlState } from './database-error.js';
import { dropStagingOf } from './drop-leftovers.js';
import { buryFence } from './fence.js';
import type { Session } from './session.js';
import type { WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

const LOCK_NOT_AVAILABLE = '55P03';
/** Dropping a partition needs all readers of the identities out; those that come later wait behind it for so long. */
const DROP_LOCK_MS = 2_000;
const DROP_TRIES = 5;
/** Lets the readers that waited get through before the next try. */
const DROP_PAUSE_MS = 500;

/**
 * Removes all that a pipeline has in the warehouse. The tombstone comes first and stays: an attempt that is under way, or wakes
 * up later, cannot publish. Idempotent. Throws AppError WarehouseConflict when readers leave no gap.
 */
export async function purgePipeline(
  session: Session,
  tables: WarehouseTables,
  pipeline: number,
  timeouts: WarehouseTimeouts,
): Promise<void> {
  await buryFence(session, tables, pipeline, timeouts);
  await session.query("SELECT set_config('lock_timeout', $1, false)", [`${DROP_LOCK_MS}ms`]);
  await whenReadersLeave(() => session.transaction(() => dropAndLog(session, tables, pipeline)));
  await whenReadersLeave(() => dropAccepted(session, tables, pipeline));
  await dropStagingOf(session, tables, pipeline);
}

/** What an export's destination has accepted. */
async function dropAccepted(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  await session.query(`DROP TABLE IF EXISTS ${tables.fingerprints(pipeline).sql}, ${tables.accepted(pipeline).sql}`);
}

async function whenReadersLeave(drop: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await drop();
      return;
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || tries === DROP_TRIES) throw error;
      await pause(DROP_PAUSE_MS);
    }
  }
}

/** Without a log, nothing has been resolved yet. It is looked for behind the drop, which lets no resolution begin. */
async function dropAndLog(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  const [found] = await session.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [tables.partition(pipeline).sql]);
  if (found === undefined) return;
  await session.query(`DROP TABLE ${tables.partition(pipeline).sql}`);
  const [log] = await session.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [tables.changes.sql]);
  if (log === undefined) return;
  await session.query(`INSERT INTO ${tables.changes.sql} (_pipeline) VALUES ($1)`, [pipeline]);
}
