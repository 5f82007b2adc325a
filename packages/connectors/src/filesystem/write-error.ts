import { AppError } from '@penstock/domain';
import { cannotWrite, notNow } from '../files/destination-error.js';
import { isSystemError } from '../files/file-errors.js';
import { codeOf } from './file-system-error.js';

type Sentence = (path: string) => string;

const noPermission: Sentence = (path) =>
  `Penstock has no permission to write "${path}": change the owner or the mode of its directory`;
const noDirectory: Sentence = (path) => `"${path}" cannot be written: something on its way is a file, not a directory`;
const isDirectory: Sentence = (path) => `"${path}" is a directory: give the file another name`;

/** What the system says, by code. Somebody has to change something. */
const REFUSED: ReadonlyMap<string, Sentence> = new Map([
  ['EACCES', noPermission],
  ['EPERM', noPermission],
  ['EROFS', (path) => `"${path}" cannot be written: its file system is read-only`],
  ['ENOTDIR', noDirectory],
  ['EISDIR', isDirectory],
  ['ENOTEMPTY', isDirectory],
  ['EFBIG', (path) => `"${path}" becomes larger than its file system allows`],
  ['ELOOP', (path) => `the directory of "${path}" is a link that leads back to itself`],
]);

/** An error of the system as AppError `DestinationRefused` or `DestinationUnavailable`, with the user's path; others stay what they are. */
export function writeError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof AppError || !isSystemError(error) || code === null) return error;
  if (code === 'ENAMETOOLONG') {
    return new AppError('InvalidPath', { message: 'path has a name that is too long for its file system' });
  }
  const sentence = REFUSED.get(code);
  if (sentence !== undefined) return cannotWrite(sentence(path), error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return notNow(`there is no space left to write "${path}"`, error);
  return notNow(`"${path}" cannot be written at the moment (${code}); try again later`, error);
}

export function directoryLeadsOut(path: string): AppError {
  return cannotWrite(`the directory of "${path}" is a link that leads out of the directory of files`);
}
