import { AppError } from '@penstock/domain';
import type { S3Settings } from './settings.js';

const MAX_KEY_BYTES = 1_024;

/** The path as the storage knows it: one slash at its beginning means nothing. @throws AppError InvalidPath */
export function normalPath({ prefix }: S3Settings, path: string): string {
  const normal = path.startsWith('/') ? path.slice(1) : path;
  const problem = problemOf(normal, Buffer.byteLength(prefix + normal));
  if (problem !== null) throw new AppError('InvalidPath', { message: `path ${problem}` });
  return normal;
}

/** The path that {@link normalPath} makes this of: a key may begin with a slash that does mean something. */
export function pathToOpen(normal: string): string {
  return normal.startsWith('/') ? `/${normal}` : normal;
}

/** The address of a path, for people: `s3://bucket/key`. */
export function addressOf({ bucket, prefix }: S3Settings, path: string): string {
  return `s3://${bucket}/${prefix}${path}`;
}

/** What all paths of a pattern begin with. A bracket that is no wildcard makes it shorter than it could be. */
export function literalBeginning(pattern: string): string {
  return /^[^*?[{]*/.exec(pattern)?.[0] ?? '';
}

function problemOf(path: string, keyBytes: number): string | null {
  if (path === '') return 'is empty';
  if (path.endsWith('/')) return 'must not end with /';
  if (path.includes('\0')) return 'must not contain a NUL character';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  return keyBytes > MAX_KEY_BYTES ? `is longer than ${MAX_KEY_BYTES} bytes, with prefix` : null;
}
