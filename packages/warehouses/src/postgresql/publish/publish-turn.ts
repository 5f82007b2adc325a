import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';

/** A warehouse takes so many publishes at a time: each uses memory, and all of its disk's speed. */
const TURNS = 2;

/** Who wants to publish. */
export interface TurnTaker {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly target: { readonly pipeline: number };
  readonly timeouts: WarehouseTimeouts;
}

/**
 * Waits for one of the warehouse's turns to publish and for an alteration of the schema, and keeps alterations out, until the
 * transaction ends. All are advisory locks on (oid of the fences, n): 0 the alterations, -1 and -2 the turns, -3 whoever resolves
 * or alters, n > 0 the sessions of pipeline n.
 */
export async function awaitTurn(publication: TurnTaker): Promise<void> {
  const { session, tables, target, timeouts } = publication;
  const fences = tables.fences.sql;
  const [prepared] = await session.query<{ gotTurn: boolean }>(PREPARE, [fences, `${timeouts.turnMs}ms`]);
  if (prepared?.gotTurn !== true) {
    await session.query('SELECT pg_advisory_xact_lock(to_regclass($1)::oid::integer, $2)', [
      fences,
      -1 - (target.pipeline % TURNS),
    ]);
  }
  await session.query(
    "SELECT pg_advisory_xact_lock_shared(to_regclass($1)::oid::integer, 0), set_config('lock_timeout', $2, true)",
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
         CASE WHEN pg_try_advisory_xact_lock(to_regclass($1)::oid::integer, -1) THEN true
              ELSE pg_try_advisory_xact_lock(to_regclass($1)::oid::integer, -2) END AS "gotTurn"`;

function atLeast(setting: string, megabytes: number): string {
  return `greatest(pg_size_bytes(current_setting('${setting}')), ${megabytes * 1024 * 1024}) / 1024 || 'kB'`;
}
