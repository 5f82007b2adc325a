import type { Session } from '../session.js';
import { lockKeys, WAREHOUSE_LOCKS } from '../warehouse-locks.js';
import type { WarehouseTables } from '../warehouse-tables.js';

/** Takes the lock of operations until the transaction ends; returns false, at once, when somebody else has it. */
export async function tryOperationLock(session: Session, { fences }: WarehouseTables): Promise<boolean> {
  const [tried] = await session.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${lockKeys('$1', WAREHOUSE_LOCKS.operation)}) AS taken`,
    [fences.sql],
  );
  return tried?.taken === true;
}
