import { sqlState } from '@penstock/shared/platform';

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE']);
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024']);
/** Connection lost, shutting down, starting up, too many connections. */
const SQL_STATES = /^(08...|57P0[123]|53300)$/;
const POOL_MESSAGES = /Connection terminated|timeout exceeded when trying to connect|Query read timeout/;

/** Whether an error means that the control database cannot be reached just now: the same request may work shortly. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlState(error);
  if (state !== undefined) return SQL_STATES.test(state);
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string' && (NETWORK_CODES.has(code) || PRISMA_CODES.has(code))) return true;
  return POOL_MESSAGES.test(error.message) || isUnavailable(error.cause);
}
