import type { Database } from './database.js';

/** What one worker at a time does. The numbers are keys of advisory locks in the control database. */
export const SINGLE_WORKER_DUTIES = { recovery: 1, reconciliation: 2 } as const;

export type SingleWorkerDuty = keyof typeof SINGLE_WORKER_DUTIES;

/** Namespace of our advisory locks; the second key is the duty. */
const NAMESPACE = 0x70656e73;

/**
 * Does `work` if no other worker is at it; false when one is. The lock lives in a transaction, so that it ends with the
 * connection, whatever becomes of the process. It is there to spare work, not for correctness: a worker that stands still, or
 * whose work takes longer than the pool's idle_in_transaction_session_timeout, loses it, and may then be at it beside another.
 */
export async function asOnlyWorker(
  database: Database,
  duty: SingleWorkerDuty,
  work: () => Promise<void>,
): Promise<boolean> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1, $2) AS locked', [
      NAMESPACE,
      SINGLE_WORKER_DUTIES[duty],
    ]);
    const locked = rows[0]?.locked === true;
    if (locked) await work();
    return locked;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    await client.query('ROLLBACK').catch((error: Error) => {
      broken ??= error;
    });
    client.release(broken);
  }
}
