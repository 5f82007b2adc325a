import { AppError } from '@penstock/domain';
import { hostAndPort } from '../host-and-port.js';
import type { SftpSettings } from './settings.js';

const MAX_PATH_BYTES = 1_024;

/** @throws AppError InvalidPath */
export function checkPath(path: string): void {
  const problem = problemOf(path);
  if (problem !== null) throw new AppError('InvalidPath', { message: `path ${problem}` });
}

function problemOf(path: string): string | null {
  if (path === '') return 'is empty';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (path.includes('\0')) return 'must not contain a NUL character';
  if (/(^|\/)\.{0,2}$/.test(path)) return 'must end with the name of a file';
  return null;
}

/** The path that the server knows: one that does not begin with a slash begins in the directory of the settings. */
export function remotePath({ directory }: SftpSettings, path: string): string {
  if (path.startsWith('/') || directory === undefined) return path === '' ? '.' : path;
  if (path === '') return directory;
  return `${directory.endsWith('/') ? directory.slice(0, -1) : directory}/${path}`;
}

/** For people: `sftp://host:port/path`, or `sftp://host:port/~/path` for what begins where the server begins. */
export function shownPath(settings: SftpSettings, path: string): string {
  const remote = remotePath(settings, path);
  return `sftp://${hostAndPort(settings)}${remote.startsWith('/') ? '' : '/~/'}${remote}`;
}
