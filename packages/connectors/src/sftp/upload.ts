import { overtaken } from '../files/destination-error.js';
import type { FileUpload } from '../files/file-storage.js';
import { UploadContent } from '../files/upload-content.js';
import type { WrittenFile } from './create-file.js';
import { closeHandle } from './find-files.js';
import { isNoSuchFile } from './operation-error.js';
import { shownPath } from './paths.js';

/** What all servers take at once. */
const BLOCK_BYTES = 32 * 1024;
/** What is under way at a time: one block after the other would wait for the network each time. */
const WINDOW_BYTES = 16 * BLOCK_BYTES;

/** A file of a server that is being written. */
export class SftpUpload implements FileUpload {
  readonly content: UploadContent;
  readonly #file: WrittenFile;
  readonly #handle: Buffer;
  #position = 0;
  #closed = false;
  #committed = false;

  constructor(file: WrittenFile, handle: Buffer, signal: AbortSignal) {
    this.#file = file;
    this.#handle = handle;
    const explained = async (action: Promise<void>) => {
      await action.catch((error: unknown) => {
        throw file.explain(error);
      });
    };
    const sink = { take: (chunk: Buffer) => explained(this.#take(chunk)), end: () => explained(this.#end()) };
    this.content = new UploadContent(sink, { signal, bufferBytes: WINDOW_BYTES });
    this.content.on('error', () => undefined);
  }

  async commit(): Promise<void> {
    const { session, path, final } = this.#file;
    try {
      await this.#file.rename(final);
      this.#committed = true;
    } catch (error) {
      if (isNoSuchFile(error)) throw overtaken(shownPath(session.settings, path));
      throw this.#file.explain(error);
    }
  }

  async discard(): Promise<void> {
    this.content.destroy();
    if (!this.#closed) closeHandle(this.#file.session, this.#handle);
    this.#closed = true;
    await this.content.settled();
    if (!this.#committed) await this.#file.remove();
  }

  async #take(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += WINDOW_BYTES) {
      await this.#writeWindow(chunk.subarray(at, at + WINDOW_BYTES));
    }
  }

  /** All blocks are under way together; the first error counts. */
  async #writeWindow(bytes: Buffer): Promise<void> {
    const start = this.#position;
    this.#position += bytes.length;
    await this.#file.ask<unknown>((sftp, callback) => {
      let missing = Math.ceil(bytes.length / BLOCK_BYTES);
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        const length = Math.min(BLOCK_BYTES, bytes.length - at);
        sftp.write(this.#handle, bytes, at, length, start + at, (error) => {
          missing -= 1;
          if (error || missing === 0) callback(error, undefined);
        });
      }
    });
  }

  /** What the server says when it closes a file may be that it could not keep all of it. */
  async #end(): Promise<void> {
    await this.#sync();
    this.#closed = true;
    await this.#file.ask<unknown>((sftp, callback) => sftp.close(this.#handle, (error) => callback(error, undefined)));
  }

  /** On to its disk, where the server can do that. */
  async #sync(): Promise<void> {
    await this.#file.ask<unknown>((sftp, callback) => {
      try {
        sftp.ext_openssh_fsync(this.#handle, (error) => callback(error, undefined));
      } catch {
        callback(null, undefined);
      }
    });
  }
}
