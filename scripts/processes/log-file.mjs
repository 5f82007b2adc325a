import { copyFile, open, rename, stat, truncate } from 'node:fs/promises';

const LIMIT_BYTES = 20 * 1024 * 1024;

/**
 * Opens a log file for appending, so that a process can be given it as its output. What it held is kept as `.1`.
 * @param {string} file
 */
export async function openLogFile(file) {
  await rename(file, `${file}.1`).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return open(file, 'a', 0o600);
}

/**
 * Keeps a log that a process is writing below a size: beyond it the text moves to `.1`. Since the process appends, it goes
 * on at the beginning of the emptied file; only lines written between copying and emptying are lost.
 * @param {string} file
 * @param {number} [limitBytes]
 */
export async function boundLogFile(file, limitBytes = LIMIT_BYTES) {
  const { size } = await stat(file);
  if (size <= limitBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
}
