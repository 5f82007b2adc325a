import { stopSignal } from '@penstock/domain';
import type { Stats } from 'ssh2';
import { asDestinationError } from '../files/destination-error.js';
import type { FileAccess, FileStorage, FileUpload, NewFile, OpenedFile, StoredFile } from '../files/file-storage.js';
import { isPattern, unclosedHint } from '../files/path-pattern.js';
import { changed } from '../files/resuming-stream.js';
import { createFile } from './create-file.js';
import { closeHandle, findMatches, statFile, storedFile } from './find-files.js';
import { cannotContinue, noSuchFile, operationError, refused } from './operation-error.js';
import { checkPath, remotePath, shownPath } from './paths.js';
import { SftpReadStream } from './read-stream.js';
import { SftpSession } from './session.js';
import type { SftpSettings } from './settings.js';

/** The files of an SFTP server. All that is asked of it goes over one connection, which is made anew after it was lost. */
export class SftpStorage implements FileStorage {
  readonly #settings: SftpSettings;
  readonly #access: FileAccess;
  readonly #closing = new AbortController();
  #session: Promise<SftpSession> | null = null;

  constructor(settings: SftpSettings, access: FileAccess) {
    this.#settings = settings;
    this.#access = access;
  }

  absolutePath(path: string): string {
    checkPath(path);
    return shownPath(this.#settings, path);
  }

  async find(path: string, signal: AbortSignal): Promise<readonly StoredFile[]> {
    checkPath(path);
    const session = await this.#connected(signal);
    const file = await statFile(session, path, signal);
    if (file !== null) return [file];
    if (!isPattern(path)) throw noSuchFile(this.#settings, path);
    const files = await findMatches(session, path, signal);
    if (files.length > 0) return files;
    throw refused(`no file matches ${shownPath(this.#settings, path)}: check path and directory${unclosedHint(path)}`);
  }

  async open(file: StoredFile, offset: number, signal: AbortSignal): Promise<OpenedFile> {
    const { path } = file;
    checkPath(path);
    if (offset > 0 && file.version === null) throw cannotContinue(this.#settings, path);
    const session = await this.#connected(signal);
    try {
      const remote = remotePath(this.#settings, path);
      const handle = await session.ask<Buffer>(signal, (sftp, callback) => sftp.open(remote, 'r', callback));
      try {
        const stats = await session.ask<Stats>(signal, (sftp, callback) => sftp.fstat(handle, callback));
        if (!stats.isFile()) throw refused(`${shownPath(this.#settings, path)} is not a file: check path`);
        const opened = storedFile(path, stats);
        if (offset > 0 && opened.version !== file.version) throw changed(path);
        return { file: opened, content: new SftpReadStream(session, { ...opened, handle }, { offset, signal }) };
      } catch (error) {
        closeHandle(session, handle);
        throw error;
      }
    } catch (error) {
      throw operationError(error, this.#settings, path);
    }
  }

  async create(file: NewFile, signal: AbortSignal): Promise<FileUpload> {
    checkPath(file.path);
    const session = await this.#connected(signal).catch((error: unknown) => {
      throw asDestinationError(error);
    });
    return await createFile(session, file, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const session = await this.#session?.catch(() => null);
    this.#session = null;
    session?.destroy();
  }

  /** The connection; whoever asks first makes it, and the others wait for that. */
  async #connected(signal: AbortSignal): Promise<SftpSession> {
    signal.throwIfAborted();
    for (let pending = this.#session; pending !== null; pending = this.#session) {
      const session = await pending.catch(() => null);
      signal.throwIfAborted();
      if (session?.closed === false) return session;
      if (this.#session === pending) this.#session = null;
    }
    const stop = stopSignal([signal, this.#closing.signal]);
    this.#session = SftpSession.open(this.#settings, this.#access, stop.signal).finally(stop.release);
    return await this.#session;
  }
}
