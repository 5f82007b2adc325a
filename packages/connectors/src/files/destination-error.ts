import { AppError, type ErrorCode } from '@penstock/domain';
import { isSystemError } from './file-errors.js';

/** What places with files say when they are read, and what it is called when they are written. */
const OF_WRITING: ReadonlyMap<ErrorCode, ErrorCode> = new Map([
  ['SourceUnavailable', 'DestinationUnavailable'],
  ['SourceRefused', 'DestinationRefused'],
]);

/** An error about a place with files, as one about a destination: same words, the other code. All others stay what they are. */
export function asDestinationError(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const code = OF_WRITING.get(error.code);
  if (code === undefined) return error;
  const { message, details, cause } = error;
  return new AppError(code, { message, cause, ...(details === undefined ? {} : { details }) });
}

/** Somebody has to change something. */
export function cannotWrite(message: string, cause?: unknown): AppError {
  return new AppError('DestinationRefused', { message, cause });
}

/** Trying again may help. */
export function notNow(message: string, cause?: unknown, details?: AppError['details']): AppError {
  return new AppError('DestinationUnavailable', { message, cause, ...(details === undefined ? {} : { details }) });
}

/** What was written is gone: `shown` is where to. */
export function overtaken(shown: string, cause?: unknown): AppError {
  const message = `what was written of ${shown} is gone: a later attempt of the pipeline removed it, or somebody did; run again`;
  return notNow(message, cause);
}

/** An error of Node's own, of which a storage has said nothing, as AppError `DestinationUnavailable`; others stay what they are. */
export function interrupted(shown: string, error: unknown): unknown {
  if (!isSystemError(error)) return asDestinationError(error);
  return notNow(`writing ${shown} was interrupted (${error.code}); try again later`, error);
}
