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
const TRANSACTION_MARGIN_MS = 10_000;

/**
 * How often a busy server looks whether its client is still there, when nobody is left to send it a cancel request. Servers
 * on some systems cannot look, and refuse the setting.
 */
const CHECK_CLIENT = `CASE WHEN pg_catalog.version() OPERATOR(pg_catalog.~) 'linux'
  THEN pg_catalog.set_config('client_connection_check_interval', '10s', true) END`;

/** The statement that sets up the transaction in which a query is read. */
export interface SettingsStatement {
  readonly text: string;
  readonly values: readonly string[];
}

/** Sets, for the transaction, what makes the text of values canonical, and what bounds the read. */
export function settingsStatement(schema: string, limits: ReadLimits, server: ServerParameters): SettingsStatement {
  const settings = sessionSettings(schema, limits, server);
  const calls = settings.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
  if (server.version >= 14) calls.push(CHECK_CLIENT);
  return { text: `SELECT ${calls.join(', ')}`, values: settings.flat() };
}

function sessionSettings(schema: string, limits: ReadLimits, server: ServerParameters): readonly [string, string][] {
  const settings: [string, string][] = [
    // A server that does not know its encoding would end the read at the first text that is not UTF-8.
    ['client_encoding', server.knowsEncoding ? 'UTF8' : 'SQL_ASCII'],
    ['search_path', quoteIdentifier(schema)],
    ['TimeZone', 'UTC'],
    ['DateStyle', 'ISO, YMD'],
    ['IntervalStyle', 'postgres'],
    ['extra_float_digits', '1'],
    ['bytea_output', 'hex'],
    ['standard_conforming_strings', 'on'],
    ['statement_timeout', String(limits.statementMs)],
    ['lock_timeout', String(limits.lockMs)],
    ['idle_in_transaction_session_timeout', String(IDLE_IN_TRANSACTION_MS)],
  ];
  // Later than the statement's own limit, which says what happened and leaves the session in order.
  const transactionMs = limits.statementMs === 0 ? 0 : limits.statementMs + TRANSACTION_MARGIN_MS;
  if (server.version >= 17) settings.push(['transaction_timeout', String(transactionMs)]);
  return settings;
}
