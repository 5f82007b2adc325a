import { Transform, type TransformCallback } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';
import { endOfArchive, localHeader, type ZipRecord } from './zip-records.js';

const CHUNK_BYTES = 64 * 1024;

/** Compresses into a zip archive with one file. */
export class ZipCompression extends Transform {
  readonly #deflate = createDeflateRaw({ chunkSize: CHUNK_BYTES });
  readonly #record: ZipRecord;

  constructor(name: string, time: Date) {
    super();
    this.#record = { name: Buffer.from(name), time, crc: 0, size: 0, compressedSize: 0 };
    this.#deflate.on('data', (bytes: Buffer) => {
      this.#record.compressedSize += bytes.length;
      this.push(bytes);
    });
    this.#deflate.on('error', (error) => this.destroy(error));
    this.push(localHeader(this.#record));
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    // The checksum of nothing would begin anew.
    if (bytes.length > 0) this.#record.crc = crc32(bytes, this.#record.crc);
    this.#record.size += bytes.length;
    this.#deflate.write(bytes, callback);
  }

  override _flush(callback: TransformCallback): void {
    this.#deflate.once('end', () => {
      this.push(endOfArchive(this.#record));
      callback();
    });
    this.#deflate.end();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#deflate.destroy();
    callback(error);
  }
}
