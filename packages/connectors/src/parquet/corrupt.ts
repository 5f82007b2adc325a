import { AppError } from '@penstock/domain';

/** The bytes are not those that a Parquet file has; `what` says which. */
export function corrupt(what: string): AppError {
  return new AppError('InvalidFile', { message: `the Parquet file is corrupt or cut off: ${what}` });
}

/** The file may be right, but this version cannot read it; `what` says why and what to do. */
export function unreadable(what: string): AppError {
  return new AppError('InvalidFile', { message: `the Parquet file cannot be read: ${what}` });
}
