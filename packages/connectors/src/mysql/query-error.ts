import { AppError, type ErrorCode } from '@penstock/domain';
import { ColumnsChangedError } from './read-rows.js';
import { endsSession, isUnavailable, ServerError } from './server-error.js';

/** SQLSTATEs of errors whose words cannot quote what is in the tables: they are about the query or about the server. */
const QUOTABLE = /^(?:08|0A|21|25|28|3D|40|42|70)/;

/** Errors of the general SQLSTATE whose words can be passed on as well. */
const QUOTABLE_ERRORS: ReadonlySet<number> = new Set([
  ...[1021, 1036, 1093, 1114, 1126, 1194, 1210, 1235, 1267, 1270, 1271, 1290, 1356, 1436, 1449, 1456, 1461, 1615],
  ...[1792, 3024, 3168, 3572, 4078],
]);

/** Words for errors about data, whose own words may quote it. */
const DATA_ERRORS: ReadonlyMap<number, string> = new Map([
  [1264, 'a number is out of the range of its type'],
  [1292, 'a text cannot be read as a value of the type that the query wants'],
  [1300, 'a text has characters that its character set does not have'],
  [1365, 'division by zero'],
  [1366, 'a text cannot be read as a value of the type that the query wants'],
  [1406, 'a text is too long for its type'],
  [1411, 'a text cannot be read as a value of the type that a function wants'],
  [1525, 'a text cannot be read as a value of the type that the query wants'],
  [1644, 'a function raised an exception'],
  [1690, 'a number is out of the range of its type'],
]);

/** Too slow for a preview: what MySQL and MariaDB call it. */
const TIMED_OUT: ReadonlySet<number> = new Set([1969, 3024]);

/** Where a query was when it failed. */
export interface QueryErrorContext {
  /** Host and port. */
  readonly address: string;
  /** The code of an error that is the query's own. */
  readonly refused: Extract<ErrorCode, 'SourceRefused' | 'InvalidQuery'>;
}

/** Explains why a query could not be read. What the server says is passed on unless it may quote data. */
export function queryError(error: unknown, context: QueryErrorContext): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof ServerError)) return lost(context, error);
  const tooLong = TIMED_OUT.has(error.errno) && context.refused === 'InvalidQuery';
  if (isUnavailable(error.errno) && !tooLong) return lost(context, error);
  const message = tooLong ? 'the query takes too long for a preview' : wordsOf(error);
  return new AppError(context.refused, { message, cause: causeOf(error) });
}

/** What may be logged of a server's error: not its text, which may quote data. */
export function causeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const errno: unknown = Reflect.get(error, 'errno');
  return typeof errno === 'number' && errno > 0 ? new Error(`MySQL error ${errno}`) : error;
}

function lost({ address }: QueryErrorContext, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  const ended = !(error instanceof ServerError || error instanceof ColumnsChangedError) || endsSession(error);
  const message = ended
    ? `connection to ${address} was lost while reading: ${reason}`
    : `${address} could not go on with the query: ${reason}`;
  return new AppError('SourceUnavailable', { message, cause: causeOf(error) });
}

function wordsOf({ errno, sqlState, message }: ServerError): string {
  const known = DATA_ERRORS.get(errno);
  if (known !== undefined) return `the query failed: ${known} (error ${errno})`;
  if (QUOTABLE.test(sqlState) || QUOTABLE_ERRORS.has(errno)) return `the database refused the query: ${message}`;
  return `the query failed with error ${errno} (SQLSTATE ${sqlState}); the documentation of the database says more`;
}
