import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { snappyCompressor } from 'hysnappy';
import type { PageCompression } from './write-settings.js';

/** A larger page would leave the compressor with its memory. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** How the pages of a file are compressed. */
export interface PageCodec {
  /** Its number in the format. */
  readonly number: number;
  /** The result is new memory, or the page itself. */
  compress(page: Buffer): Promise<Uint8Array> | Uint8Array;
}

/** A codec for one file. */
export function pageCodec(compression: PageCompression): PageCodec {
  switch (compression) {
    case 'none':
      return { number: 0, compress: (page) => page };
    case 'snappy':
      return { number: 1, compress: snappy() };
    case 'gzip':
      return { number: 2, compress: promisify<Buffer, Buffer>(gzip) };
  }
}

function snappy(): (page: Buffer) => Uint8Array {
  const compress = snappyCompressor();
  return (page) => (page.length > MAX_KEPT_BYTES ? snappyCompressor()(page) : compress(page));
}
