import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import { snappyBlocks } from '../files/snappy-block.js';
import { corrupt, unreadable } from './corrupt.js';

const UNCOMPRESSED = 0;

const CODEC_NAMES = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];

/** Makes exactly so many bytes, or throws whatever it likes; it never makes many more. */
type Decompress = (stored: Buffer, length: number) => Uint8Array;

const CODECS: ReadonlyMap<number, Decompress> = new Map<number, Decompress>([
  [UNCOMPRESSED, (stored) => stored],
  [1, uncompressSnappy],
  [2, (stored, length) => gunzipSync(stored, { maxOutputLength: length })],
  [4, (stored, length) => brotliDecompressSync(stored, { maxOutputLength: length })],
  [5, decompressLz4],
  [6, (stored, length) => decompressZstd(stored, Buffer.alloc(length))],
  [7, decompressLz4Raw],
]);

/** Throws AppError InvalidFile when there is no way to decompress what a codec has made. */
export function checkCodec(codec: number): void {
  if (CODECS.has(codec)) return;
  const name = CODEC_NAMES[codec] ?? `number ${codec}`;
  throw unreadable(`it is compressed with ${name}, which is not supported; write it with SNAPPY, ZSTD or GZIP`);
}

/** The bytes of a page, of which there are `length`. Throws AppError InvalidFile. */
export function decompress(codec: number, stored: Buffer, length: number): Buffer {
  // Some writers do not even compress what is empty.
  if (length === 0) return Buffer.alloc(0);
  const plain = attempt(codec, stored, length);
  if (plain.length !== length) throw corrupt('a page does not have the size that it says');
  return Buffer.from(plain.buffer, plain.byteOffset, plain.length);
}

function attempt(codec: number, stored: Buffer, length: number): Uint8Array {
  try {
    return CODECS.get(codec)?.(stored, length) ?? Buffer.alloc(0);
  } catch {
    // What the libraries say is about their insides.
    throw corrupt(`a page cannot be decompressed with ${CODEC_NAMES[codec]}`);
  }
}

/** One decompressor for each page: it would keep the memory of the largest one, and takes no longer to make than a page. */
function uncompressSnappy(stored: Buffer, length: number): Uint8Array {
  const blocks = snappyBlocks();
  return blocks.promised(stored) === length ? blocks.decompress(stored, length) : Buffer.alloc(0);
}
