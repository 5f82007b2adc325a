import { AppError, type ErrorCode } from '@penstock/domain';

/** What a format or a decompression says of a file whose path it does not know. */
const OF_FILE: ReadonlySet<ErrorCode> = new Set(['InvalidFile', 'SheetNotExist', 'NoColumnsFound']);

/** An error with the path of the file in front, where it is about a file and does not name it. */
export function nameFile(path: string, error: unknown): unknown {
  if (!isOfFile(error)) return error;
  const { details } = error;
  const message = `file "${path}": ${error.message}`;
  return new AppError(error.code, { message, cause: error, ...(details === undefined ? {} : { details }) });
}

/** Whether an error says that something is wrong with what is in a file. */
export function isOfFile(error: unknown): error is AppError {
  return error instanceof AppError && OF_FILE.has(error.code);
}

/** An error of a network or of a file system as AppError `SourceUnavailable`; AppErrors and faults of ours stay what they are. */
export function unavailable(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const message = `file "${path}": reading it was interrupted (${error.code}); try again later`;
  return new AppError('SourceUnavailable', { message, cause: error });
}

export function invalidFile(message: string, cause?: unknown): AppError {
  return new AppError('InvalidFile', cause === undefined ? { message } : { message, cause });
}

/** Whether Node made an error, for which it always has a code. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && !(error instanceof AppError) && 'code' in error && typeof error.code === 'string';
}
