import { AppError, type ErrorCode } from '@penstock/domain';
import { DatabaseError } from 'pg';

/** Classes of SQLSTATE in which a row is at fault: wrong data, broken constraint, too large for the server's limits. */
const ROW_CLASSES = new Set(['22', '23', '54']);
const CLASS_CODES: Readonly<Record<string, ErrorCode>> = {
  '08': 'WarehouseUnavailable',
  '40': 'WarehouseConflict',
  '57': 'WarehouseUnavailable',
};
const STATE_CODES: Readonly<Record<string, ErrorCode>> = {
  '42703': 'WarehouseConflict', // no such column: the profile schema was altered meanwhile
  '25P03': 'WarehouseUnavailable', // idle in transaction for too long
  '53300': 'WarehouseUnavailable', // too many connections
  '55006': 'WarehouseConflict', // object in use
  '55P03': 'WarehouseConflict', // lock not available
};
/** Codes of Node's sockets and of name resolution. */
const NETWORK_CODE = /^E[A-Z_]+$/;

/** SQLSTATE of what the server said, also behind a translated error. */
export function sqlState(error: unknown): string | undefined {
  return databaseError(error)?.code;
}

/** What the server itself said, also behind a translated error. */
export function databaseError(error: unknown): DatabaseError | undefined {
  const origin = error instanceof AppError ? error.cause : error;
  return origin instanceof DatabaseError ? origin : undefined;
}

/** Whether the rows of a statement are at fault, not the statement, the session or the server. */
export function isRowError(error: unknown): boolean {
  return ROW_CLASSES.has(sqlState(error)?.slice(0, 2) ?? '');
}

/**
 * Says in the product's errors what the server or the connection to it said. Errors that are neither are left as they are:
 * they are bugs.
 */
export function translateError(error: unknown): unknown {
  if (error instanceof DatabaseError) return translateDatabaseError(error);
  if (!isConnectionError(error)) return error;
  return new AppError('WarehouseUnavailable', {
    message: `the data warehouse cannot be reached: ${error.message}`,
    cause: error,
  });
}

function translateDatabaseError(error: DatabaseError): AppError {
  const state = error.code ?? '';
  const code = STATE_CODES[state] ?? CLASS_CODES[state.slice(0, 2)] ?? 'WarehouseRefused';
  return new AppError(code, { message: `${PREFIXES[code]}: ${serverWords(error)}`, cause: error });
}

const PREFIXES: Partial<Record<ErrorCode, string>> = {
  WarehouseUnavailable: 'the data warehouse cannot be reached',
  WarehouseConflict: 'the data warehouse was busy with a conflicting operation',
  WarehouseRefused: 'the data warehouse refused',
};

/**
 * The server's message without values. Errors about data quote the value that they are about, last or in the middle, and a
 * value may itself hold quotes; their column and detail are never looked at. Errors about constraints quote names only.
 */
export function serverWords(error: DatabaseError): string {
  if (error.code?.startsWith('22') !== true) return error.message;
  return error.message.replace(/:? ?".*"/s, '');
}

function isConnectionError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string') return NETWORK_CODE.test(error.code);
  // What pg says has no code: "Connection terminated unexpectedly", "timeout exceeded when trying to connect" and the like.
  return /\b(?:connection|connect|Client was closed|SSL)\b/i.test(error.message);
}
