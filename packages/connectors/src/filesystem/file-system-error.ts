import { AppError } from '@penstock/domain';
import { unclosedHint } from '../files/path-pattern.js';

type Sentence = (path: string) => string;

const notFound: Sentence = (path) => `file "${path}" does not exist${unclosedHint(path)}`;
const noPermission: Sentence = (path) => `Penstock has no permission to read "${path}": change its owner or its mode`;

/** What the system says, by code. Somebody has to change something. */
const REFUSED: ReadonlyMap<string, Sentence> = new Map([
  ['ENOENT', notFound],
  ['ENOTDIR', notFound],
  ['ENAMETOOLONG', notFound],
  ['EACCES', noPermission],
  ['EPERM', noPermission],
  ['ELOOP', (path) => `file "${path}" is a link that leads back to itself`],
  ['EISDIR', isDirectory],
  // Nothing reads what a socket or a device without a driver is.
  ['ENXIO', isSpecial],
  ['ENODEV', isSpecial],
]);

/** An error of the system as AppError `SourceRefused` or `SourceUnavailable`, with the user's path; others stay what they are. */
export function fileSystemError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof AppError || code === null) return error;
  const sentence = REFUSED.get(code);
  if (sentence !== undefined) return new AppError('SourceRefused', { message: sentence(path), cause: error });
  const message = `file "${path}" cannot be read at the moment (${code}); try again later`;
  return new AppError('SourceUnavailable', { message, cause: error });
}

/** Whether there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}

export function isDirectory(path: string): string {
  return `"${path}" is a directory: name a file in it, or a pattern such as "${path}/*.csv"`;
}

export function isSpecial(path: string): string {
  return `"${path}" is not a file but a pipe, a socket or a device`;
}

export function refused(message: string): AppError {
  return new AppError('SourceRefused', { message });
}

/** The code of an error of the system; null of another. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : null;
}
