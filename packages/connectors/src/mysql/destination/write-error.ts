import { AppError } from '@penstock/domain';
import { FenceLostError } from '@penstock/engine';
import { causeOf } from '../query-error.js';
import { endsSession, isUnavailable, ServerError } from '../server-error.js';

/** SQLSTATEs of errors that a row is at fault for: its data, a constraint, what a trigger signals. */
const ROW_STATES = /^(?:22|23|44|45)/;
/** The same among those with the general SQLSTATE, by number. */
const ROW_ERRORS: ReadonlySet<number> = new Set([
  ...[1048, 1062, 1118, 1136, 1264, 1265, 1292, 1300, 1364, 1366, 1406, 1411, 1441, 1452, 1451, 1525, 1526, 1644, 1690],
  ...[1748, 3140, 3141, 3819, 3903, 4025, 4079],
]);
/** Deadlocks and locks that are not had in time. */
const CONFLICTS: ReadonlySet<number> = new Set([1205, 1213]);
/** Their words hold names only. */
const NAMES_ONLY: ReadonlySet<number> = new Set([1048, 1118, 1364, 1451, 1452, 1526, 1748, 3819, 4025]);

/** Words for errors that quote the value. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [1264, 'value is out of range'],
  [1265, 'value does not fit the column'],
  [1292, 'value cannot be read as one of the column'],
  [1300, 'text has characters that the character set of the column does not have'],
  [1366, 'value cannot be read as one of the column'],
  [1406, 'value is too long for the column'],
  [1411, 'value cannot be read as one of the column'],
  [1525, 'value cannot be read as one of the column'],
  [3140, 'value is not valid JSON'],
]);

/** What the server said, when the rows of a statement are at fault. */
export function rowError(error: unknown): ServerError | undefined {
  if (!(error instanceof ServerError)) return undefined;
  return ROW_STATES.test(error.sqlState) || ROW_ERRORS.has(error.errno) ? error : undefined;
}

/** Whether the same statements may succeed when they are tried again. */
export function isConflict(error: unknown): boolean {
  return error instanceof ServerError && CONFLICTS.has(error.errno);
}

/** Which row of a statement the server stopped at, from 1; undefined where it does not say. */
export function rowOf({ message }: ServerError): number | undefined {
  const row = /at row (\d+)$/.exec(message)?.[1];
  return row === undefined || row === '0' ? undefined : Number(row);
}

/** Why a row was refused, in the server's words, without values. */
export function refusalOf({ errno, message, sqlState }: ServerError): string {
  if (NAMES_ONLY.has(errno)) return message.replace(/ at row \d+$/, '');
  // Behind the value, which may hold anything, and so at the end.
  const key = /for key '([^']*)'$/.exec(message)?.[1];
  if (errno === 1062) return key === undefined ? 'duplicate entry' : `duplicate entry for key '${key}'`;
  const column = /column (?:`[^`]*`\.`[^`]*`\.)?[`']([^`']+)[`'] at row \d+$/.exec(message)?.[1];
  const words = WORDS.get(errno);
  if (words !== undefined) return column === undefined ? words : `${column}: ${words}`;
  if (sqlState === '45000' || errno === 1644) return `a trigger refused the row (SQLSTATE ${sqlState})`;
  return `the database refused the row (error ${errno}, SQLSTATE ${sqlState})`;
}

/**
 * Says as AppError `DestinationUnavailable` or `DestinationRefused` what the server, or the connection to it, said; what is said already
 * stays as it is. `doing` ends the sentence "while ..".
 */
export function writeError(error: unknown, address: string, doing: string): unknown {
  if (error instanceof AppError || error instanceof FenceLostError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const cause = causeOf(error);
  if (!(error instanceof ServerError) || endsSession(error)) {
    const text = `connection to ${address} was lost while ${doing}: ${message}`;
    return new AppError('DestinationUnavailable', { message: text, cause });
  }
  const words = rowError(error) === undefined ? message : refusalOf(error);
  const code = isUnavailable(error.errno) ? 'DestinationUnavailable' : 'DestinationRefused';
  return new AppError(code, { message: `${address} refused while ${doing}: ${words}`, cause });
}
