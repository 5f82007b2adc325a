import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { identifyProcess, isRunning } from './identity.mjs';
import { waitUntil } from './wait-until.mjs';

/**
 * Takes a lock that other processes respect: a file that names its owner. The lock of an owner that is gone, however it
 * went, counts as free.
 * @param {string} file
 * @param {{ timeoutMs: number, what: string }} options `what` is done under the lock, for the message when it is held
 * @returns {Promise<() => Promise<void>>} releases it
 */
export async function acquireLock(file, { timeoutMs, what }) {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(await identifyProcess(process.pid)), { flag: 'wx' });
  try {
    await waitUntil(
      async () => {
        // A link appears whole or not at all, and only where there is none.
        if (await tryLink(draft, file)) return true;
        await removeIfAbandoned(file);
        return false;
      },
      { timeoutMs, everyMs: 50, what },
    );
  } finally {
    await rm(draft, { force: true });
  }
  return () => rm(file, { force: true });
}

/**
 * @template T
 * @param {string} file
 * @param {{ timeoutMs: number, what: string }} options
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withLock(file, options, action) {
  const release = await acquireLock(file, options);
  try {
    return await action();
  } finally {
    await release();
  }
}

/**
 * Who has the lock; null when nobody does.
 * @param {string} file
 * @returns {Promise<import('./identity.mjs').ProcessIdentity | null>}
 */
export async function readOwner(file) {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // What a power failure may leave of the file. No process has this pid.
    return { pid: 0, startedAt: 'never' };
  }
}

/**
 * @param {string} draft
 * @param {string} file
 */
async function tryLink(draft, file) {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Moves the lock aside before it is removed: of several waiters one gets it, and a new owner's lock is not mistaken for
 * the old one.
 * @param {string} file
 */
async function removeIfAbandoned(file) {
  const owner = await readOwner(file);
  if (owner === null || (await isRunning(owner))) return;
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if (await isRunning(await readOwner(aside))) await tryLink(aside, file);
  await rm(aside, { force: true });
}
