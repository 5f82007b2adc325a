import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { corruptPart, type PartName, tooLarge } from './invalid-file.js';

/** Four times the default: every chunk is a turn of the event loop. */
const CHUNK_BYTES = 64 * 1024;
const DEFLATED = 8;

/** What the list of parts says about a part. */
export interface PartEntry {
  readonly compressionMethod: number;
  readonly uncompressedSize: number;
  readonly crc32: number;
}

export interface PartOptions {
  readonly name: PartName;
  /** Greatest number of decompressed bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The decompressed bytes of a part, checked against size and checksum when the last ones are read. */
export class PartStream {
  readonly #entry: PartEntry;
  readonly #options: PartOptions;
  readonly #output: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #failure: { readonly error: unknown } | null = null;
  #closed = false;
  #bytes = 0;
  #crc = 0;

  /** `stored` delivers the bytes of the part as they are in the file. */
  constructor(stored: Readable, entry: PartEntry, options: PartOptions) {
    this.#entry = entry;
    this.#options = options;
    stored.once('error', (error) => {
      this.#failure ??= { error };
    });
    this.#output = entry.compressionMethod === DEFLATED ? inflate(stored) : stored;
    addAbortSignal(options.signal, this.#output);
    this.#chunks = this.#output[Symbol.asyncIterator]();
  }

  /** The next bytes; null after the last. @throws AppError InvalidFile; what the file itself throws passes through. */
  async read(): Promise<Buffer | null> {
    const chunk = await this.#next();
    if (chunk === null) {
      this.#checkEnd();
      return null;
    }
    const { name, maxBytes } = this.#options;
    this.#bytes += chunk.length;
    if (this.#bytes > Math.min(maxBytes, this.#entry.uncompressedSize)) {
      throw this.#bytes > maxBytes ? tooLarge(name, mebibytes(maxBytes)) : this.#mismatch();
    }
    this.#crc = crc32(chunk, this.#crc);
    return chunk;
  }

  /** Idempotent. A read that waits is rejected. */
  destroy(): void {
    this.#closed = true;
    // Nobody may be reading.
    this.#output.on('error', () => undefined);
    this.#output.destroy();
  }

  async #next(): Promise<Buffer | null> {
    try {
      const { value, done } = await this.#chunks.next();
      this.#options.signal.throwIfAborted();
      return done === true ? null : value;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (this.#closed) throw new Error('the reader was closed', { cause: error });
      if (this.#failure !== null) throw this.#failure.error;
      throw corruptPart(this.#options.name, 'cannot be decompressed, or is cut off', error);
    }
  }

  #checkEnd(): void {
    const { uncompressedSize, crc32: expected } = this.#entry;
    if (this.#bytes !== uncompressedSize || this.#crc !== expected) throw this.#mismatch();
  }

  #mismatch(): Error {
    return corruptPart(this.#options.name, 'is not what was written: size or checksum differ');
  }
}

/** The size as people read it. */
export function mebibytes(bytes: number): string {
  const MIB = 1024 * 1024;
  const GIB = 1024 * MIB;
  return bytes >= GIB ? `${bytes / GIB} GiB` : `${bytes / MIB} MiB`;
}

function inflate(stored: Readable): Readable {
  // Errors arrive where the output is read.
  return pipeline(stored, createInflateRaw({ chunkSize: CHUNK_BYTES }), () => undefined);
}
