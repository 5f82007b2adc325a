import { Readable } from 'node:stream';
import { changed } from '../files/resuming-stream.js';
import { type ContainedFile, describeFile } from './contained-file.js';
import { fileSystemError } from './file-system-error.js';

const CHUNK_BYTES = 256 * 1024;

/**
 * The bytes of an open file from an offset to the end that it had when it was opened. A file that was written to in between ends
 * with an error: nobody knows what was read. Closes the handle.
 */
export class FileBytes extends Readable {
  readonly #opened: ContainedFile;
  readonly #signal: AbortSignal;
  #position: number;

  constructor(opened: ContainedFile, offset: number, signal: AbortSignal) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#opened = opened;
    this.#signal = signal;
    this.#position = offset;
    signal.addEventListener('abort', this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  override _read(): void {
    this.#next().then(
      (chunk) => this.push(chunk),
      (error: unknown) => this.destroy(this.#translate(error)),
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#signal.removeEventListener('abort', this.#abort);
    // Waits for a read that is under way.
    this.#opened.handle.close().then(
      () => callback(error),
      () => callback(error),
    );
  }

  /** null after the last byte. */
  async #next(): Promise<Buffer | null> {
    const { handle, file } = this.#opened;
    const length = Math.min(CHUNK_BYTES, (file.size ?? 0) - this.#position);
    if (length <= 0) {
      await this.#checkVersion();
      return null;
    }
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await handle.read(buffer, 0, length, this.#position);
    if (bytesRead === 0) throw changed(file.path);
    this.#position += bytesRead;
    return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
  }

  async #checkVersion(): Promise<void> {
    const { handle, file } = this.#opened;
    const now = describeFile(file.path, await handle.stat({ bigint: true }));
    if (now.version !== file.version) throw changed(file.path);
  }

  #translate(error: unknown): Error {
    const translated = fileSystemError(error, this.#opened.file.path);
    return translated instanceof Error ? translated : new Error(String(translated));
  }

  readonly #abort = (): void => {
    const { reason } = this.#signal;
    this.destroy(reason instanceof Error ? reason : new Error(String(reason)));
  };
}
