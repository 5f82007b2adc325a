import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { StoredFile } from '../files/file-storage.js';
import { isDirectory, isSpecial, refused } from './file-system-error.js';

/** A file below the root that is open. Whoever opened it closes the handle. */
export interface ContainedFile {
  readonly handle: FileHandle;
  readonly file: StoredFile;
}

/** A pipe must not wait for a writer; a link that was put there after it was looked at is not followed. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * Opens a file below the root. Links are followed, but not out of the root: what counts is where the file is that was opened,
 * because a link can be changed after it was looked at. Throws errors of the system, and AppError SourceRefused.
 * @param root resolved, without links
 */
export async function openContained(root: string, relative: string): Promise<ContainedFile> {
  const target = await realpath(path.join(root, relative));
  if (!isBelow(root, target)) throw leadsOut(relative);
  // Opening a device can do something.
  checkRegular(await lstat(target, { bigint: true }), relative);
  const handle = await open(target, FLAGS);
  try {
    const stats = await handle.stat({ bigint: true });
    checkRegular(stats, relative);
    if (!isBelow(root, await openedPath(handle, target, stats))) throw leadsOut(relative);
    return { handle, file: describeFile(relative, stats) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What the system says about a file, with a version that changes with its content. */
export function describeFile(relative: string, stats: BigIntStats): StoredFile {
  return {
    path: relative,
    size: Number(stats.size),
    modifiedAt: new Date(Number(stats.mtimeNs / NANOSECONDS_PER_MILLISECOND)),
    version: `${stats.size}-${stats.mtimeNs}-${stats.ino}`,
  };
}

/** Whether a path without links is the root or below it. */
export function isBelow(root: string, target: string): boolean {
  return target === root || target.startsWith(root.endsWith('/') ? root : `${root}/`);
}

export function leadsOut(relative: string): Error {
  return refused(`file "${relative}" is a link that leads out of the directory of files`);
}

/** Link of the system to what a handle has open, whatever happens to the names; null where there is none. */
function linkOf(handle: FileHandle): string | null {
  return process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : null;
}

/** Where the opened file is. Only Linux can say that of a handle; elsewhere the path must still lead to the same file. */
async function openedPath(handle: FileHandle, target: string, stats: BigIntStats): Promise<string> {
  const link = linkOf(handle);
  if (link !== null) return await readlink(link);
  const now = await lstat(target, { bigint: true });
  return now.ino === stats.ino && now.dev === stats.dev ? await realpath(target) : '';
}

function checkRegular(stats: BigIntStats, relative: string): void {
  if (stats.isDirectory()) throw refused(isDirectory(relative));
  if (!stats.isFile() && !stats.isSymbolicLink()) throw refused(isSpecial(relative));
}
