import { stopSignal } from '@penstock/domain';
import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { attemptName, earlierAttempts } from '../files/attempt-name.js';
import type { FileUpload, NewFile } from '../files/file-storage.js';
import { isEnd, isNoSuchFile } from './operation-error.js';
import { remotePath } from './paths.js';
import type { SftpSession } from './session.js';
import { SftpUpload } from './upload.js';
import { cannotReplace, isDirectory, writeError } from './write-error.js';

const CLEAN_UP_MS = 5_000;

type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** Questions about one file that is written, whose errors are those of a destination. */
export class WrittenFile {
  readonly session: SftpSession;
  /** The user's. */
  readonly path: string;
  readonly final: string;
  readonly temporary: string;
  readonly #signal: AbortSignal;

  constructor(session: SftpSession, { path, owner }: NewFile, signal: AbortSignal) {
    this.session = session;
    this.path = path;
    this.final = remotePath(session.settings, path);
    this.temporary = siblingOf(this.final, attemptName(owner));
    this.#signal = signal;
  }

  /** Throws what the server answers, or AppError. */
  async ask<T>(question: (sftp: SFTPWrapper, callback: Callback<T>) => void): Promise<T> {
    return await this.session.ask<T>(this.#signal, question);
  }

  /** Gives the file that is written a name in one step. */
  async rename(to: string): Promise<void> {
    await this.ask<unknown>((sftp, callback) => {
      try {
        sftp.ext_openssh_rename(this.temporary, to, (error) => callback(error, undefined));
      } catch {
        // ssh2 throws where the server has not announced it.
        throw cannotReplace(this.session.settings);
      }
    });
  }

  /** Removes what was written, also after the signal was aborted. Never throws. */
  async remove(): Promise<void> {
    const stop = stopSignal([], CLEAN_UP_MS);
    await this.session
      .ask<unknown>(stop.signal, (sftp, callback) => sftp.unlink(this.temporary, (error) => callback(error, undefined)))
      .catch(() => undefined);
    stop.release();
  }

  explain(error: unknown): unknown {
    return writeError(error, this.session.settings, this.path);
  }
}

/** Begins a file, as `FileStorage.create` does: under a hidden name in its directory, until `commit` renames it. */
export async function createFile(session: SftpSession, file: NewFile, signal: AbortSignal): Promise<FileUpload> {
  const written = new WrittenFile(session, file, signal);
  try {
    await checkFinal(written);
    for (const name of earlierAttempts(await namesBeside(written), file.owner)) await removeEarlier(written, name);
    const handle = await written.ask<Buffer>((sftp, callback) => sftp.open(written.temporary, 'wx', callback));
    const upload = new SftpUpload(written, handle, signal);
    // To its own name: whether that can be done is known before everything is written.
    await written.rename(written.temporary).catch(async (error: unknown) => {
      await upload.discard();
      throw error;
    });
    return upload;
  } catch (error) {
    throw written.explain(error);
  }
}

/** What cannot be replaced is known before anything is written. */
async function checkFinal(written: WrittenFile): Promise<void> {
  try {
    const stats = await written.ask<Stats>((sftp, callback) => sftp.lstat(written.final, callback));
    if (stats.isDirectory()) throw isDirectory(written.session.settings, written.path);
  } catch (error) {
    if (!isNoSuchFile(error)) throw error;
  }
}

async function removeEarlier(written: WrittenFile, name: string): Promise<void> {
  const path = siblingOf(written.final, name);
  try {
    await written.ask<unknown>((sftp, callback) => sftp.unlink(path, (error) => callback(error, undefined)));
  } catch (error) {
    if (!isNoSuchFile(error)) throw error;
  }
}

/** The hidden names in the directory of a file. */
async function namesBeside(written: WrittenFile): Promise<readonly string[]> {
  const directory = siblingOf(written.final, '.');
  const handle = await written.ask<Buffer>((sftp, callback) => sftp.opendir(directory, callback));
  const names: string[] = [];
  try {
    for (;;) {
      const entries = await written.ask<FileEntryWithStats[]>((sftp, callback) => sftp.readdir(handle, callback));
      for (const { filename } of entries) if (filename.startsWith('.')) names.push(filename);
    }
  } catch (error) {
    if (!isEnd(error)) throw error;
    return names;
  } finally {
    if (!written.session.closed) written.session.sftp.close(handle, () => undefined);
  }
}

/** Another name in the directory of a file. */
function siblingOf(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}
