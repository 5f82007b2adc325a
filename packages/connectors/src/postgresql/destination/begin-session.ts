import { asDestinationError } from '../../files/destination-error.js';
import { PostgresqlSession } from '../session.js';
import type { PostgresqlSettings } from '../settings.js';

/** A lock that somebody else holds for longer ends the wait; batches are tried again. */
const LOCK_MS = 30_000;
/** How often the server looks, while it is busy, whether we are still there. */
const CHECK_CLIENT = '10s';
/** Of temporary tables, in the server: what is staged stays in memory up to this. */
const TEMP_BUFFERS = '64MB';

/**
 * A session that writes. The server's own limits of time are lifted: a session waits, idle, while the engine reads, and runs have limits of
 * their own. Throws AppError `DestinationUnavailable` or `DestinationRefused`, or the reason of the signal.
 */
export async function connectToWrite(settings: PostgresqlSettings, signal: AbortSignal): Promise<PostgresqlSession> {
  return await PostgresqlSession.connect(settings, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw asDestinationError(error);
  });
}

/** Sets up the session; `name` is what administrators, and later attempts, see of it. */
export async function beginSession(session: PostgresqlSession, name: string): Promise<void> {
  const { version } = session.server;
  const values: [string, string][] = [
    ['application_name', name],
    ['client_encoding', 'UTF8'],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['standard_conforming_strings', 'on'],
    ['statement_timeout', '0'],
    ['lock_timeout', String(LOCK_MS)],
    ['default_transaction_isolation', 'read committed'],
    ['temp_buffers', TEMP_BUFFERS],
    ...(version >= 14 ? [['idle_session_timeout', '0'] as [string, string]] : []),
    ...(version >= 17 ? [['transaction_timeout', '0'] as [string, string]] : []),
  ];
  const calls = values.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`);
  if (version >= 14) calls.push(checkClient());
  await session.rows(`SELECT ${calls.join(', ')}`, values.flat());
}

/** Servers on some systems cannot look, and refuse the setting. */
function checkClient(): string {
  return `CASE WHEN pg_catalog.version() OPERATOR(pg_catalog.~) 'linux'
    THEN pg_catalog.set_config('client_connection_check_interval', '${CHECK_CLIENT}', false) END`;
}
