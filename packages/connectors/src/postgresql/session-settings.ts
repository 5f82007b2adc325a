import type { ServerParameters } from './session.js';
import { quoteIdentifier } from './statement.js';

/** How long things may take at the server; 0 is without limit. */
export interface ReadLimits {
  readonly statementMs: number;
  readonly lockMs: number;
}

/** A run has limits of its own, which see whether it makes progress; those of the role would cut long reads short. */
export const RUN_LIMITS: ReadLimits = { statementMs: 0, lockMs: 30_000 };

export const PREVIEW_LIMITS: ReadLimits = { statementMs: 30_000, lockMs: 5_000 };

/** A worker that was stopped must not keep a transaction of somebody's database open. */
const IDLE_IN_TRANSACTION_MS = 5 * 60_000;

/** How often a busy server looks whether its client is still there, when nobody is left to send it a cancel request. */
const CHECK_CLIENT_MS = 10_000;

/** Settings of the transaction in which a query is read: what makes its text canonical, and what bounds it. */
export function sessionSettings(
  schema: string,
  limits: ReadLimits,
  server: ServerParameters,
): ReadonlyMap<string, string> {
  const settings = new Map([
    // A server that does not know its encoding would end the read at the first text that is not UTF-8.
    ['client_encoding', server.knowsEncoding ? 'UTF8' : 'SQL_ASCII'],
    ['search_path', quoteIdentifier(schema)],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['IntervalStyle', 'iso_8601'],
    ['extra_float_digits', '1'],
    ['bytea_output', 'hex'],
    ['xmlbinary', 'base64'],
    ['standard_conforming_strings', 'on'],
    ['statement_timeout', String(limits.statementMs)],
    ['lock_timeout', String(limits.lockMs)],
    ['idle_in_transaction_session_timeout', String(IDLE_IN_TRANSACTION_MS)],
  ]);
  if (server.version >= 14) settings.set('client_connection_check_interval', String(CHECK_CLIENT_MS));
  if (server.version >= 17) settings.set('transaction_timeout', String(limits.statementMs));
  return settings;
}
