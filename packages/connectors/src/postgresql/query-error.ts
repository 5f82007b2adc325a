import { AppError, type ErrorCode } from '@penstock/domain';
import pg from 'pg';

/** Classes and states of errors that may be gone when the read is tried again. None of them quotes data. */
const UNAVAILABLE = /^(?:08|40|53|57P|58|55P03|55006|25P0[34]|57014)/;

/** Classes of errors whose words cannot quote what is in the tables: they are about the query or about the server. */
const QUOTABLE = /^(?:08|0A|21|25|26|28|34|3D|3F|40|42|53|54|55|57|58)/;

/** States with which the server ends the session: shutdowns, terminations, timeouts of sessions. */
const ENDS_SESSION = /^(?:57P|25P0[34])/;

const STATEMENT_CANCELLED = '57014';

/** Words for errors about data, whose own words may quote it. */
const DATA_ERRORS: ReadonlyMap<string, string> = new Map([
  ['22001', 'a text is too long for its type'],
  ['22003', 'a number is out of the range of its type'],
  ['22007', 'a text is not a date or time'],
  ['22008', 'a date or time is out of range'],
  ['22012', 'division by zero'],
  ['22021', 'a text is not valid in its encoding'],
  ['22P02', 'a text cannot be read as a value of the type that the query wants'],
  ['22P05', 'a text has characters that UTF-8 cannot represent'],
  ['P0001', 'a function raised an exception'],
]);

/** Where a query was when it failed. */
export interface QueryErrorContext {
  /** Host and port. */
  readonly address: string;
  /** The code of an error that is the query's own. */
  readonly refused: Extract<ErrorCode, 'SourceRefused' | 'InvalidQuery'>;
  readonly query: string;
  /** Characters before the query in the statement that was sent. */
  readonly offset: number;
}

/** Whether trying again may help, by SQLSTATE. */
export function isUnavailable(code: string): boolean {
  return UNAVAILABLE.test(code);
}

/** Whether the server ends the session with this error. */
export function endsSession(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ENDS_SESSION.test(error.code ?? '');
}

/** Explains why a query could not be read. What the server says is passed on unless it may quote data. */
export function queryError(error: unknown, context: QueryErrorContext): AppError {
  if (!(error instanceof pg.DatabaseError)) return lost(context, error);
  const code = error.code ?? '';
  const tooLong = code === STATEMENT_CANCELLED && context.refused === 'InvalidQuery';
  if (isUnavailable(code) && !tooLong) return lost(context, error);
  const message = tooLong ? 'the query takes too long for a preview' : `${wordsOf(error)}${placeOf(error, context)}`;
  return new AppError(context.refused, { message, cause: causeOf(error) });
}

/** What may be logged of a server's error: not its text, which may quote data. */
export function causeOf(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { severity, code, routine, file, line } = error;
  return new Error(`PostgreSQL ${severity} ${code} in ${routine} (${file}:${line})`);
}

function lost({ address }: QueryErrorContext, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  const message =
    endsSession(error) || !(error instanceof pg.DatabaseError)
      ? `connection to ${address} was lost while reading: ${reason}`
      : `${address} could not go on with the query: ${reason}`;
  return new AppError('SourceUnavailable', { message, cause: causeOf(error) });
}

function wordsOf(error: Error): string {
  if (!(error instanceof pg.DatabaseError)) return error.message;
  const { code = '', message, hint } = error;
  const known = DATA_ERRORS.get(code);
  if (known !== undefined) return `the query failed: ${known} (SQLSTATE ${code})`;
  if (!QUOTABLE.test(code)) return `the query failed with SQLSTATE ${code}; the log of the database says more`;
  return `the database refused the query: ${hint !== undefined && code.startsWith('42') ? `${message} (${hint})` : message}`;
}

/** Line and column of the query at which the error is, both from 1. */
function placeOf({ position }: pg.DatabaseError, { query, offset }: QueryErrorContext): string {
  const index = Number(position ?? Number.NaN) - offset - 1;
  const characters = [...query];
  if (!(index >= 0 && index <= characters.length)) return '';
  const lines = characters.slice(0, index).join('').split('\n');
  return ` (line ${lines.length}, column ${[...(lines.at(-1) ?? '')].length + 1})`;
}
