import { AppError } from '@penstock/domain';
import { FenceLostError } from '@penstock/engine';
import pg from 'pg';
import { causeOf, endsSession, isUnavailable } from '../query-error.js';

/** Classes of SQLSTATE in which a row is at fault: its data, a constraint, what a trigger or a function says, a size. */
const ROW_CLASSES = /^(?:21|22|23|2F|38|39|44|54|P0)/;
/** Serialization failures, deadlocks, locks that are not available: another try may meet nobody. */
const CONFLICT = /^(?:40|55P03)/;
/** The function of the server that looks at the policies of a table, row by row; the SQLSTATE is that of missing privileges. */
const POLICY_CHECK = 'ExecWithCheckOptions';
/** Classes whose words cannot quote values: they are about constraints, by name. */
const NAMES_ONLY = /^(?:21|23|44|54)/;
/** Nobody knows our staging table. */
const STAGING_TABLE = / (?:for|of) relation "penstock_stage"/;

/** What the server said, when the rows of a statement are at fault, and not the statement, the session or the server. */
export function rowError(error: unknown): pg.DatabaseError | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined;
  return ROW_CLASSES.test(error.code ?? '') || error.routine === POLICY_CHECK ? error : undefined;
}

/** Whether the same statement may succeed when it is tried again. */
export function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && CONFLICT.test(error.code ?? '');
}

/**
 * Why a row was refused, in the server's words, without values: errors about data quote the value last or in the middle, and what a
 * function raises may say anything, under any code. The column is named where the server tells.
 */
export function refusalOf(error: pg.DatabaseError): string {
  const { code = '', message, where = '', routine } = error;
  const raisedBy = /^(?:PL\/\w+|SQL) function "?([\w.]+)/.exec(where)?.[1];
  if (raisedBy !== undefined) return `function ${raisedBy} refused the row (SQLSTATE ${code})`;
  if (NAMES_ONLY.test(code) || routine === POLICY_CHECK) return message.replace(STAGING_TABLE, '');
  if (code.startsWith('22')) return `${columnOf(where)}${message.replace(/:? ?".*"/s, '')}`;
  return `a trigger or a function refused the row (SQLSTATE ${code})`;
}

/** `COPY penstock_stage, line 3, column email: "value"`: the name is ours, what is behind it is not looked at. */
function columnOf(where: string): string {
  const column = /^COPY \w+, line \d+, column (\w+)/.exec(where)?.[1];
  return column === undefined ? '' : `${column}: `;
}

/**
 * Says as AppError `DestinationUnavailable` or `DestinationRefused` what the server, or the connection to it, said; what is
 * said already stays as it is. `doing` ends the sentence "while ..".
 */
export function writeError(error: unknown, address: string, doing: string): unknown {
  if (error instanceof AppError || error instanceof FenceLostError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const cause = causeOf(error);
  if (!(error instanceof pg.DatabaseError) || endsSession(error)) {
    return new AppError('DestinationUnavailable', {
      message: `connection to ${address} was lost while ${doing}: ${message}`,
      cause,
    });
  }
  const words = rowError(error) === undefined ? message : refusalOf(error);
  const code = isUnavailable(error.code ?? '') ? 'DestinationUnavailable' : 'DestinationRefused';
  return new AppError(code, { message: `${address} refused while ${doing}: ${words}`, cause });
}
