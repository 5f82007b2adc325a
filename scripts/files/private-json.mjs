import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Reads a JSON file. A missing one is `undefined`; an unreadable one is an error that names the file.
 * @param {string} file
 * @returns {Promise<any>}
 */
export async function readJson(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid JSON: repair it or remove it`, { cause: error });
  }
}

/**
 * Writes a JSON file that only its owner can read, in one step: a reader sees the old or the new text, never half of
 * one, also when this process is killed in between.
 * @param {string} file
 * @param {unknown} value
 */
export async function writePrivateJson(file, value) {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
