import type { RawField } from '@penstock/engine';
import { corrupt } from './corrupt.js';

/** Values in the encoding PLAIN, which are taken from the front. */
export class PlainBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly end: number;
  /** Where the next value begins. */
  offset: number;
  /** Bits of the byte there that are taken; only booleans are smaller than a byte. */
  bit = 0;

  constructor(bytes: Buffer, offset: number, end: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.end = end;
  }

  /** Takes so many bytes and returns where they begin. Throws AppError InvalidFile. */
  take(count: number): number {
    const start = this.offset;
    if (count > this.end - start) throw corrupt('a page has fewer values than it says');
    this.offset = start + count;
    return start;
  }
}

/** Takes so many values and puts them as canonical values, or why there is none, at the front of `out`. */
export type DecodePlain = (input: PlainBytes, count: number, out: RawField[]) => void;
