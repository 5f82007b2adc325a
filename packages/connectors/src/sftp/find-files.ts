import type { AppError } from '@penstock/domain';
import type { FileEntryWithStats, Stats } from 'ssh2';
import type { StoredFile } from '../files/file-storage.js';
import { MAX_MATCHED_FILES } from '../files/limits.js';
import { compilePattern } from '../files/path-pattern.js';
import { SearchTurns } from '../files/search-turns.js';
import { isEnd, isNoSuchFile, operationError, refused } from './operation-error.js';
import { remotePath, shownPath } from './paths.js';
import type { SftpSession } from './session.js';

/** Names that are looked at, at most, to find the files of a pattern. */
const MAX_NAMES = 200_000;
const MS_PER_SECOND = 1_000;

/** What the server says about a file, following links; null when there is no such file, or it is no file. */
export async function statFile(session: SftpSession, path: string, signal: AbortSignal): Promise<StoredFile | null> {
  const remote = remotePath(session.settings, path);
  try {
    const stats = await session.ask<Stats>(signal, (sftp, callback) => sftp.stat(remote, callback));
    return stats.isFile() ? storedFile(path, stats) : null;
  } catch (error) {
    if (isNoSuchFile(error)) return null;
    throw operationError(error, session.settings, path);
  }
}

/** A file as its attributes describe it. SFTP tells times in seconds: a second change within one, of the same size, is not seen. */
export function storedFile(path: string, { size, mtime }: Partial<Pick<Stats, 'size' | 'mtime'>>): StoredFile {
  return {
    path,
    size: size ?? null,
    modifiedAt: mtime === undefined ? null : new Date(mtime * MS_PER_SECOND),
    version: size === undefined ? null : `${size}-${mtime ?? ''}`,
  };
}

/**
 * The files that a pattern matches, in the order of their paths. Links to files are followed, links to directories are not:
 * they may lead around in circles.
 */
export async function findMatches(session: SftpSession, path: string, signal: AbortSignal): Promise<StoredFile[]> {
  const pattern = compilePattern(path);
  const turns = new SearchTurns(pattern, signal);
  const found: StoredFile[] = [];
  const directories = [pattern.base];
  const root = path.startsWith('/') ? '/' : '';
  let names = 0;
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for await (const entry of entriesOf(session, directory === '' ? root : directory, signal)) {
      if (turns.due) await turns.take();
      names += 1;
      if (names > MAX_NAMES) throw tooMany(session, path, `more than ${MAX_NAMES} names have to be looked at`);
      const entryPath = directory === '' ? root + entry.filename : `${directory}/${entry.filename}`;
      if (entry.attrs.isDirectory()) {
        if (pattern.mayContain(entryPath)) directories.push(entryPath);
        continue;
      }
      const file = pattern.matches(entryPath)
        ? await fileOf(session, { path: entryPath, attrs: entry.attrs }, signal)
        : null;
      if (file !== null) found.push(file);
      if (found.length > MAX_MATCHED_FILES)
        throw tooMany(session, path, `it matches more than ${MAX_MATCHED_FILES} files`);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function fileOf(
  session: SftpSession,
  { path, attrs }: { readonly path: string; readonly attrs: Stats },
  signal: AbortSignal,
): Promise<StoredFile | null> {
  if (attrs.isSymbolicLink()) return await statFile(session, path, signal);
  return attrs.isFile() ? storedFile(path, attrs) : null;
}

/** What is in a directory; nothing when there is none. */
async function* entriesOf(
  session: SftpSession,
  directory: string,
  signal: AbortSignal,
): AsyncGenerator<FileEntryWithStats> {
  const remote = remotePath(session.settings, directory);
  const ask = <T>(question: Parameters<typeof session.ask<T>>[1]) => session.ask<T>(signal, question);
  try {
    const handle = await ask<Buffer>((sftp, callback) => sftp.opendir(remote, callback));
    try {
      for (;;) yield* await ask<FileEntryWithStats[]>((sftp, callback) => sftp.readdir(handle, callback));
    } finally {
      closeHandle(session, handle);
    }
  } catch (error) {
    if (!isEnd(error) && !isNoSuchFile(error)) throw operationError(error, session.settings, directory);
  }
}

/** Closes without waiting: nothing depends on it. */
export function closeHandle(session: SftpSession, handle: Buffer): void {
  if (!session.closed) session.sftp.close(handle, () => undefined);
}

function tooMany({ settings }: SftpSession, path: string, what: string): AppError {
  return refused(`${shownPath(settings, path)} stands for too many files: ${what}`);
}
