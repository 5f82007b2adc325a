import type { Writable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { writeBytes } from '../files/write-bytes.js';
import type { PageCodec } from './compress-page.js';
import { DATA_PAGE, RLE } from './page-header.js';
import { ThriftWriter } from './thrift-writer.js';

const PLAIN = 0;

/** What a file says of a chunk of a column. */
export interface WrittenChunk {
  /** Where in the file it begins. */
  readonly start: number;
  /** Values and nulls. */
  readonly entries: number;
  /** Bytes with those of the heads of pages, before and after compression. */
  readonly plainBytes: number;
  readonly storedBytes: number;
}

/** The pages of one leaf in one row group, compressed. They are held until their column's turn in the file comes. */
export class ChunkWriter {
  readonly #codec: PageCodec;
  readonly #pages: Uint8Array[] = [];
  #entries = 0;
  #plainBytes = 0;
  storedBytes = 0;

  constructor(codec: PageCodec) {
    this.#codec = codec;
  }

  async add(plain: Buffer, entries: number): Promise<void> {
    const stored = await this.#codec.compress(plain);
    const header = pageHeader(plain.length, stored, entries);
    this.#pages.push(header, stored);
    this.#entries += entries;
    this.#plainBytes += header.length + plain.length;
    this.storedBytes += header.length + stored.length;
  }

  /** Writes the chunk, which begins at `start`, and forgets it. */
  async moveTo(out: Writable, start: number): Promise<WrittenChunk> {
    const chunk = { start, entries: this.#entries, plainBytes: this.#plainBytes, storedBytes: this.storedBytes };
    for (const bytes of this.#pages.splice(0)) await writeBytes(out, bytes);
    [this.#entries, this.#plainBytes, this.storedBytes] = [0, 0, 0];
    return chunk;
  }
}

function pageHeader(plainBytes: number, stored: Uint8Array, entries: number): Buffer {
  return ThriftWriter.encode((page) => {
    page.int32(1, DATA_PAGE);
    page.int32(2, plainBytes);
    page.int32(3, stored.length);
    page.int32(4, crc32(stored) | 0);
    page.struct(5, (data) => {
      data.int32(1, entries);
      data.int32(2, PLAIN);
      data.int32(3, RLE);
      data.int32(4, RLE);
    });
  });
}
