import type { Session } from './session.js';
import type { WarehouseTimeouts } from './warehouse-timeouts.js';

/** How often the server looks, during a statement, whether the worker is still there. */
export const CONNECTION_CHECK_MS = 5_000;

/**
 * Settings of a session that waits for locks and holds them, as a list to select: parameters of the longest wait for a lock, of the
 * longest silence in a transaction, and of how often the server looks for the worker. The server's own limits of time are lifted: a session waits, idle,
 * while a source or a destination is slow, and runs have limits of their own.
 */
export function sessionSettings(lock: string, silence: string, check: string): string {
  return `set_config('lock_timeout', ${lock}, false), set_config('idle_in_transaction_session_timeout', ${silence}, false),
         set_config('client_connection_check_interval',
           CASE WHEN version() ~* 'windows|mingw|visual c' THEN '0' ELSE ${check} END, false),
         CASE WHEN current_setting('idle_session_timeout', true) IS NOT NULL THEN set_config('idle_session_timeout', '0', false) END,
         CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', false) END,
         set_config('statement_timeout', '0', false), set_config('default_transaction_isolation', 'read committed', false)`;
}

/** Gives these settings to a session, so that a worker that dies or is stopped lets go of what it holds. */
export async function setSession(session: Session, { lockMs, idleInTransactionMs }: WarehouseTimeouts): Promise<void> {
  await session.query(`SELECT ${sessionSettings('$1', '$2', '$3')}`, [
    `${lockMs}ms`,
    `${idleInTransactionMs}ms`,
    `${CONNECTION_CHECK_MS}ms`,
  ]);
}
