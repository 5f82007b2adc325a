import { dropStagingOf } from './drop-leftovers.js';
import { exportStateName } from './export/export-state.js';
import { buryFence } from './fence.js';
import type { Session } from './session.js';
import { tableExists } from './table-exists.js';
import type { WarehouseTables } from './warehouse-tables.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';
import { whenReadersLeave } from './when-readers-leave.js';

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
  await whenReadersLeave(session, () => session.transaction(() => dropAndLog(session, tables, pipeline)));
  await whenReadersLeave(session, () => dropAccepted(session, tables, pipeline));
  await dropStagingOf(session, tables, pipeline);
}

/** What an export's destination has accepted, and what is known of it. */
async function dropAccepted(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  await session.query(`DROP TABLE IF EXISTS ${tables.fingerprints(pipeline).sql}, ${tables.accepted(pipeline).sql}`);
  if (!(await tableExists(session, tables.state))) return;
  await session.query(`DELETE FROM ${tables.state.sql} WHERE name = $1`, [exportStateName(pipeline)]);
}

/** Without a log, nothing has been resolved yet. It is looked for behind the drop, which lets no resolution begin. */
async function dropAndLog(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  if (!(await tableExists(session, tables.partition(pipeline)))) return;
  await session.query(`DROP TABLE ${tables.partition(pipeline).sql}`);
  if (!(await tableExists(session, tables.changes))) return;
  await session.query(`INSERT INTO ${tables.changes.sql} (_pipeline) VALUES ($1)`, [pipeline]);
}
