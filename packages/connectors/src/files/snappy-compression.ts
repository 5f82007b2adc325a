import { Transform, type TransformCallback } from 'node:stream';
import { snappyCompressor } from 'hysnappy';
import { crc32c } from './crc32c.js';
import { COMPRESSED, IDENTIFIER, MAX_DATA_BYTES, masked, STREAM_IDENTIFIER, UNCOMPRESSED } from './snappy-frame.js';

const HEADER_BYTES = 8;
/** Data that is compressed by less than an eighth is stored as it is. */
const WORTHWHILE = 7 / 8;

/** Compresses into the framing format of snappy. It holds the data of one chunk. */
export class SnappyCompression extends Transform {
  readonly #compress = snappyCompressor();
  #filled = 0;
  #data = Buffer.allocUnsafeSlow(MAX_DATA_BYTES);

  constructor() {
    super();
    this.push(Buffer.concat([Buffer.from([STREAM_IDENTIFIER, IDENTIFIER.length, 0, 0]), IDENTIFIER]));
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#data, this.#filled, at);
      this.#filled += copied;
      at += copied;
      if (this.#filled === MAX_DATA_BYTES) this.#pushChunk();
    }
    callback();
  }

  override _flush(callback: TransformCallback): void {
    if (this.#filled > 0) this.#pushChunk();
    callback();
  }

  #pushChunk(): void {
    const data = this.#data.subarray(0, this.#filled);
    const compressed = this.#compress(data);
    const isSmaller = compressed.length < data.length * WORTHWHILE;
    const stored = isSmaller ? compressed : data;
    const chunk = Buffer.allocUnsafe(HEADER_BYTES + stored.length);
    chunk.writeUInt8(isSmaller ? COMPRESSED : UNCOMPRESSED, 0);
    chunk.writeUIntLE(stored.length + HEADER_BYTES / 2, 1, 3);
    chunk.writeUInt32LE(masked(crc32c(data)), HEADER_BYTES / 2);
    chunk.set(stored, HEADER_BYTES);
    this.push(chunk);
    this.#filled = 0;
  }
}
