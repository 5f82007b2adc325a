import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';

/** One resolution or alteration at a time: an advisory lock on (oid of the fences, -3); see publish-turn.ts for the others. */
const OPERATION = -3;

/** Takes the lock until the transaction ends; returns false, at once, when somebody else has it. */
export async function tryOperationLock(session: Session, { fences }: WarehouseTables): Promise<boolean> {
  const [tried] = await session.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock(to_regclass($1)::oid::integer, $2) AS taken',
    [fences.sql, OPERATION],
  );
  return tried?.taken === true;
}
