import { AppError } from '@penstock/domain';

/**
 * Checks a path below the directory of files: names with `/` between them. It may be a pattern.
 * @throws AppError InvalidPath
 */
export function checkRelativePath(path: string): void {
  const problem = problemOf(path);
  if (problem !== null) throw new AppError('InvalidPath', { message: `path ${problem}` });
}

function problemOf(path: string): string | null {
  if (path === '') return 'must not be empty';
  if (path.includes('\0')) return 'must not contain a NUL character';
  if (path.startsWith('/')) return 'must not begin with /: it is relative to the directory of files';
  if (path.endsWith('/')) return 'must not end with /: it names a file';
  for (const name of path.split('/')) {
    if (name === '') return 'must not contain //';
    if (name === '.' || name === '..') return `must not contain the element ${name}`;
  }
  return null;
}
