import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { unavailable } from './file-errors.js';
import type { LocalFile } from './file-format.js';
import { changed } from './resuming-stream.js';

const CHUNK_BYTES = 256 * 1024;

/** A file of this machine by its open handle, for random access. Whoever opened it closes it. */
export class OpenedLocalFile implements LocalFile {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #path: string;
  /** null where nobody else can write it. */
  #version: string | null = null;

  /** `path` is the one that errors name. */
  constructor(handle: FileHandle, size: number, path: string) {
    this.#handle = handle;
    this.size = size;
    this.#path = path;
  }

  /** A file of others that somebody has opened, as it is now. Throws AppError SourceUnavailable. */
  static async of(opening: Promise<FileHandle>, path: string): Promise<OpenedLocalFile> {
    const handle = await opening;
    try {
      const stats = await handle.stat({ bigint: true });
      const file = new OpenedLocalFile(handle, Number(stats.size), path);
      file.#version = versionOf(stats);
      return file;
    } catch (error) {
      await handle.close();
      throw unavailable(path, error);
    }
  }

  async read(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - position)));
    for (let filled = 0; filled < buffer.length; ) {
      filled += await this.#readInto(buffer.subarray(filled), position + filled);
    }
    return buffer;
  }

  stream(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, Math.min(end, this.size)), { objectMode: false });
  }

  /** Makes sure that all that was read is of one file. @throws AppError SourceUnavailable when it was written in between */
  async checkUnchanged(): Promise<void> {
    if (this.#version === null) return;
    const stats = await this.#handle.stat({ bigint: true }).catch((error: unknown) => {
      throw unavailable(this.#path, error);
    });
    if (versionOf(stats) !== this.#version) throw changed(this.#path);
  }

  /** Waits for reads that are under way. Idempotent, never throws. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    for (let position = start; position < end; position += CHUNK_BYTES) {
      yield await this.read(position, Math.min(CHUNK_BYTES, end - position));
    }
  }

  async #readInto(buffer: Buffer, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
      // The file was as long as its size says when it was opened.
      if (bytesRead === 0) throw changed(this.#path);
      return bytesRead;
    } catch (error) {
      throw unavailable(this.#path, error);
    }
  }
}

function versionOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}
