import { createGunzip, type ZlibOptions } from 'node:zlib';
import { invalidFile, isSystemError } from './file-errors.js';
import { InputTap } from './input-tap.js';

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/** Large enough that few chunks go through the steps, small enough that many reads at a time hold little. */
const OUTPUT_BYTES = 64 * 1024;

/** The first byte of gzip data. */
const GZIP_START = 0x1f;

/** The writable side takes one chunk at a time, so that it is known which bytes are left when the data ends. */
export const ZLIB_OPTIONS: ZlibOptions & { readonly writableHighWaterMark: number } = {
  chunkSize: OUTPUT_BYTES,
  writableHighWaterMark: 1,
};

/**
 * Decompresses gzip data of any number of members. Zero bytes after the last one are padding, as gzip itself sees it.
 * @throws AppError InvalidFile
 */
export async function* gunzip(content: AsyncIterable<Uint8Array>): Bytes {
  const tap = new InputTap(content);
  try {
    yield* tap.through(createGunzip(ZLIB_OPTIONS));
    for await (const rest of tap.rest()) if (rest.some((byte) => byte !== 0)) throw trailing();
  } catch (error) {
    throw gzipError(error, tap);
  } finally {
    await tap.close();
  }
}

function gzipError(error: unknown, { first }: InputTap): unknown {
  if (!isSystemError(error)) return error;
  switch (error.code) {
    case 'Z_BUF_ERROR':
      if (first === undefined) return invalidFile('is not gzip data, but empty: choose another compression, or none');
      return invalidFile('the gzip data ends in the middle: the file was cut off, or is still being written', error);
    case 'Z_DATA_ERROR':
      if (error.message !== 'incorrect header check') {
        return invalidFile('the gzip data is damaged: copy or make the file again', error);
      }
      if (first === GZIP_START) return trailing();
      return invalidFile('is not gzip data: choose another compression, or none', error);
    default:
      return error;
  }
}

function trailing(): Error {
  return invalidFile('has something else after its gzip data: make the file again');
}
