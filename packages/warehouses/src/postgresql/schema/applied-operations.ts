import type { Session } from '../session.js';
import { tableExists } from '../table-exists.js';
import type { WarehouseTables } from '../warehouse-tables.js';

/** Alterations that are remembered. Nobody asks for older ones again. */
const REMEMBERED = 100;

/** Whether an alteration has been applied. */
export async function isApplied(session: Session, { state }: WarehouseTables, operation: string): Promise<boolean> {
  if (!(await tableExists(session, state))) return false;
  const applied = await session.query(
    `SELECT 1 FROM ${state.sql} WHERE name = 'alteration' AND value -> 'operations' ? $1`,
    [operation],
  );
  return applied.length > 0;
}

/** Remembers that an alteration has been applied, in its transaction. */
export async function rememberApplied(session: Session, { state }: WarehouseTables, operation: string): Promise<void> {
  await session.query(
    `INSERT INTO ${state.sql} AS s (name, value)
     VALUES ('alteration', jsonb_build_object('operations', jsonb_build_array($1::text)))
     ON CONFLICT (name) DO UPDATE SET value = jsonb_build_object('operations', (
       SELECT jsonb_agg(operation ORDER BY place) FROM (
         SELECT operation, place FROM jsonb_array_elements(s.value -> 'operations' || to_jsonb($1::text))
         WITH ORDINALITY AS o(operation, place) ORDER BY place DESC LIMIT ${REMEMBERED}) AS latest))`,
    [operation],
  );
}
