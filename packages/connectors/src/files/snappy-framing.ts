import { crc32c } from './crc32c.js';
import { invalidFile } from './file-errors.js';
import { snappyBlocks } from './snappy-block.js';
import { COMPRESSED, IDENTIFIER, MAX_DATA_BYTES, masked, STREAM_IDENTIFIER, UNCOMPRESSED } from './snappy-frame.js';

/** What snappy makes of that much data at worst. */
const MAX_COMPRESSED_BYTES = 32 + MAX_DATA_BYTES + Math.floor(MAX_DATA_BYTES / 6);
const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;
/** Chunks from this type on may be skipped by whoever does not know them; 0xfe is padding. */
const FIRST_SKIPPABLE = 0x80;

/**
 * Decompresses snappy data in its framing format, of any number of streams one after the other. It holds one chunk at a time.
 * @throws AppError InvalidFile
 */
export async function* unframeSnappy(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const frames = new SnappyFrames();
  for await (const chunk of content) yield* frames.take(chunk);
  frames.end();
}

class SnappyFrames {
  readonly #blocks = snappyBlocks();
  /** What is not yet a whole chunk. */
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of a skippable chunk that are still to come. */
  #skip = 0;
  #begun = false;

  *take(bytes: Uint8Array): Generator<Buffer, void, undefined> {
    const added = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let rest = this.#pending.length === 0 ? added : Buffer.concat([this.#pending, added]);
    for (;;) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length < HEADER_BYTES) break;
      const type = rest.readUInt8(0);
      const length = rest.readUIntLE(1, 3);
      this.#check(type, length);
      if (isSkippable(type)) {
        this.#skip = HEADER_BYTES + length;
        continue;
      }
      if (rest.length < HEADER_BYTES + length) break;
      const data = this.#dataOf(type, rest.subarray(HEADER_BYTES, HEADER_BYTES + length));
      rest = rest.subarray(HEADER_BYTES + length);
      if (data !== undefined && data.length > 0) yield data;
    }
    this.#pending = rest;
  }

  end(): void {
    if (!this.#begun && this.#pending.length === 0) {
      throw invalidFile('is not snappy data, but empty: choose another compression, or none');
    }
    if (!this.#begun) throw notSnappy();
    if (this.#pending.length > 0 || this.#skip > 0) {
      throw invalidFile('the snappy data ends in the middle: the file was cut off, or is still being written');
    }
  }

  /** Refuses a chunk by its header, so that no more of it is held than a chunk may have. */
  #check(type: number, length: number): void {
    if (!this.#begun && type !== STREAM_IDENTIFIER) throw notSnappy();
    if (type === STREAM_IDENTIFIER) {
      if (length !== IDENTIFIER.length) throw this.#begun ? damaged() : notSnappy();
      this.#begun = true;
      return;
    }
    if (isSkippable(type)) return;
    if (type !== COMPRESSED && type !== UNCOMPRESSED) {
      throw invalidFile(`the snappy data has a chunk of type ${type}, which is not known: make the file again`);
    }
    const most = type === COMPRESSED ? MAX_COMPRESSED_BYTES : MAX_DATA_BYTES;
    if (length < CHECKSUM_BYTES || length > CHECKSUM_BYTES + most) throw damaged();
  }

  /** The data of a chunk; undefined where it is the beginning of a stream. */
  #dataOf(type: number, body: Buffer): Buffer | undefined {
    if (type === STREAM_IDENTIFIER) {
      if (!body.equals(IDENTIFIER)) throw notSnappy();
      return undefined;
    }
    const stored = body.subarray(CHECKSUM_BYTES);
    const data = type === COMPRESSED ? this.#decompress(stored) : stored;
    if (masked(crc32c(data)) !== body.readUInt32LE(0)) throw damaged();
    return data;
  }

  #decompress(stored: Buffer): Buffer {
    const length = this.#blocks.promised(stored);
    if (length === undefined || length > MAX_DATA_BYTES) throw damaged();
    try {
      const data = this.#blocks.decompress(stored, length);
      return Buffer.from(data.buffer, data.byteOffset, data.length);
    } catch (error) {
      throw damaged(error);
    }
  }
}

function isSkippable(type: number): boolean {
  return type >= FIRST_SKIPPABLE && type !== STREAM_IDENTIFIER;
}

function notSnappy(): Error {
  return invalidFile('is not snappy data in the framing format: choose another compression, or none');
}

function damaged(cause?: unknown): Error {
  return invalidFile('the snappy data is damaged: copy or make the file again', cause);
}
