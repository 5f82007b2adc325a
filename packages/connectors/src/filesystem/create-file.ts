import { constants, type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { attemptName, earlierAttempts } from '../files/attempt-name.js';
import { overtaken } from '../files/destination-error.js';
import type { FileUpload, NewFile } from '../files/file-storage.js';
import { UploadContent } from '../files/upload-content.js';
import { ContainedDirectory } from './contained-directory.js';
import { codeOf, isMissing } from './file-system-error.js';
import { checkRelativePath } from './relative-path.js';
import { writeError } from './write-error.js';

const BUFFER_BYTES = 512 * 1024;
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Less what the process takes away by its umask. */
const MODE = 0o666;

/** Where a file is written, and where it is going to be. */
interface Place {
  readonly directory: ContainedDirectory;
  readonly handle: FileHandle;
  readonly temporary: string;
  readonly final: string;
  /** As the user knows it. */
  readonly shown: string;
}

/**
 * Begins a file below the root, as `FileStorage.create` does: under a hidden name in its directory, until `commit` renames it.
 * @param root resolved, without links
 */
export async function createFile(root: string, file: NewFile, signal: AbortSignal): Promise<FileUpload> {
  checkRelativePath(file.path);
  signal.throwIfAborted();
  try {
    const directory = await ContainedDirectory.openFor(root, file.path);
    try {
      return await begin(directory, file, signal);
    } catch (error) {
      await directory.close();
      throw error;
    }
  } catch (error) {
    throw writeError(error, file.path);
  }
}

async function begin(directory: ContainedDirectory, file: NewFile, signal: AbortSignal): Promise<FileUpload> {
  const final = directory.pathOf(path.basename(file.path));
  await checkFinal(final);
  for (const name of earlierAttempts(await directory.names(), file.owner)) {
    await rm(directory.pathOf(name), { force: true });
  }
  signal.throwIfAborted();
  const temporary = directory.pathOf(attemptName(file.owner));
  const handle = await open(temporary, FLAGS, MODE);
  return new LocalUpload({ directory, handle, temporary, final, shown: file.path }, signal);
}

/** What cannot be replaced is known before anything is written. */
async function checkFinal(final: string): Promise<void> {
  try {
    const stats = await lstat(final);
    if (stats.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

class LocalUpload implements FileUpload {
  readonly content: UploadContent;
  readonly #place: Place;
  readonly #signal: AbortSignal;
  #committed = false;
  #closing: Promise<void> | null = null;

  constructor(place: Place, signal: AbortSignal) {
    this.#place = place;
    this.#signal = signal;
    const sink = { take: (chunk: Buffer) => this.#take(chunk), end: () => this.#sync() };
    this.content = new UploadContent(sink, { signal, bufferBytes: BUFFER_BYTES });
    this.content.on('error', () => undefined);
  }

  async commit(): Promise<void> {
    const { directory, temporary, final, shown } = this.#place;
    this.#signal.throwIfAborted();
    try {
      await rename(temporary, final);
      this.#committed = true;
      await directory.sync();
    } catch (error) {
      throw isMissing(error) ? overtaken(`"${shown}"`, error) : writeError(error, shown);
    }
    await this.#close();
  }

  async discard(): Promise<void> {
    this.content.destroy();
    await this.content.settled();
    if (!this.#committed) await rm(this.#place.temporary, { force: true }).catch(() => undefined);
    await this.#close();
  }

  async #take(chunk: Buffer): Promise<void> {
    const { handle, shown } = this.#place;
    try {
      for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten;
    } catch (error) {
      throw writeError(error, shown);
    }
  }

  async #sync(): Promise<void> {
    const { handle, shown } = this.#place;
    await handle.sync().catch((error: unknown) => {
      throw writeError(error, shown);
    });
  }

  #close(): Promise<void> {
    const { handle, directory } = this.#place;
    this.#closing ??= Promise.allSettled([handle.close(), directory.close()]).then(() => undefined);
    return this.#closing;
  }
}
