import type { Session } from '../session.js';
import { lockKeys, WAREHOUSE_LOCKS } from '../warehouse-locks.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';

const [FIRST_TURN, SECOND_TURN] = WAREHOUSE_LOCKS.turns;

/** Who wants to publish. */
export interface TurnTaker {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly target: { readonly pipeline: number };
  readonly timeouts: WarehouseTimeouts;
}

/**
 * Waits for one of the warehouse's turns to publish and for an alteration of the schema, and keeps alterations out, until the
 * transaction ends. All are advisory locks, see {@link WAREHOUSE_LOCKS}.
 */
export async function awaitTurn(publication: TurnTaker): Promise<void> {
  const { session, tables, target, timeouts } = publication;
  const fences = tables.fences.sql;
  const [prepared] = await session.query<{ gotTurn: boolean }>(PREPARE, [fences, `${timeouts.turnMs}ms`]);
  if (prepared?.gotTurn !== true) {
    const turn = target.pipeline % 2 === 0 ? FIRST_TURN : SECOND_TURN;
    await session.query(`SELECT pg_advisory_xact_lock(${lockKeys('$1', turn)})`, [fences]);
  }
  await session.query(
    `SELECT pg_advisory_xact_lock_shared(${lockKeys('$1', WAREHOUSE_LOCKS.alteration)}), set_config('lock_timeout', $2, true)`,
    [fences, `${timeouts.lockMs}ms`],
  );
}

/**
 * Memory for hashing a table of a million rows, sorting for an index; never less than the server allows anyway. A table that was
 * never analysed seems to have few distinct ids, so that a join seems to have billions of rows: merge joins, which sort, look
 * cheap, and several processes, which would have to hand them over, look expensive. Compiling would take longer than it saves.
 */
export const COMPARISON_SETTINGS = `
         set_config('work_mem', ${atLeast('work_mem', 64)}, true),
         set_config('maintenance_work_mem', ${atLeast('maintenance_work_mem', 256)}, true),
         set_config('enable_mergejoin', 'off', true), set_config('parallel_tuple_cost', '0', true),
         set_config('jit', 'off', true)`;

const PREPARE = `
  SELECT ${COMPARISON_SETTINGS}, set_config('lock_timeout', $2, true),
         CASE WHEN pg_try_advisory_xact_lock(${lockKeys('$1', FIRST_TURN)}) THEN true
              ELSE pg_try_advisory_xact_lock(${lockKeys('$1', SECOND_TURN)}) END AS "gotTurn"`;

function atLeast(setting: string, megabytes: number): string {
  return `greatest(pg_size_bytes(current_setting('${setting}')), ${megabytes * 1024 * 1024}) / 1024 || 'kB'`;
}
