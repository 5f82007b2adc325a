import { corrupt } from './corrupt.js';

const MAX_BIT_WIDTH = 32;
const GROUP = 8;

/**
 * The hybrid of runs and packed bits that levels, indexes of dictionaries and booleans are written in. Runs are not expanded
 * before they are asked for: a few bytes can stand for billions of values.
 */
export class RleDecoder {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #bitWidth: number;
  #offset: number;
  /** What is left of the run at hand, which repeats a value, or of the packed values. */
  #left = 0;
  #packed = false;
  #value = 0;
  #bit = 0;

  /** Throws AppError InvalidFile. */
  constructor(bytes: Buffer, [offset, end]: readonly [number, number], bitWidth: number) {
    if (bitWidth > MAX_BIT_WIDTH) throw corrupt(`a page has indexes of ${bitWidth} bits`);
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = end;
    this.#bitWidth = bitWidth;
    // Writers leave out what says nothing.
    if (bitWidth === 0) this.#left = Number.POSITIVE_INFINITY;
  }

  /** Puts so many values at the front of `out`. Throws AppError InvalidFile. */
  read(out: Uint8Array | Uint32Array, count: number): void {
    for (let done = 0; done < count; ) {
      while (this.#left === 0) this.#nextRun();
      const length = Math.min(this.#left, count - done);
      if (this.#packed) this.#unpack(out, done, length);
      else out.fill(this.#value, done, done + length);
      done += length;
      this.#left -= length;
    }
  }

  #nextRun(): void {
    const header = this.#varint();
    this.#packed = (header & 1) === 1;
    if (this.#packed) {
      const start = this.#offset;
      const values = (header >>> 1) * GROUP;
      // The last values may be left out of the last bytes.
      this.#left = Math.min(values, Math.floor(((this.#end - start) * GROUP) / this.#bitWidth));
      this.#bit = start * GROUP;
      this.#offset = Math.min(this.#end, start + (values * this.#bitWidth) / GROUP);
    } else {
      this.#left = header >>> 1;
      this.#value = 0;
      for (let shift = 0; shift < this.#bitWidth; shift += GROUP) this.#value += this.#byte() * 2 ** shift;
    }
  }

  #unpack(out: Uint8Array | Uint32Array, from: number, count: number): void {
    const bytes = this.#bytes;
    const width = this.#bitWidth;
    const mask = width === MAX_BIT_WIDTH ? 0xffffffff : 2 ** width - 1;
    let bit = this.#bit;
    for (let index = from; index < from + count; index += 1, bit += width) {
      const at = bit >>> 3;
      const shift = bit & 7;
      let value = ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) >>> shift;
      if (shift + width > 24) {
        value |= (bytes[at + 3] ?? 0) << (24 - shift);
        if (shift > 0) value |= (bytes[at + 4] ?? 0) << (32 - shift);
      }
      out[index] = value & mask;
    }
    this.#bit = bit;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw corrupt('the length of a run is too long');
  }

  #byte(): number {
    if (this.#offset >= this.#end) throw corrupt('a page has fewer values than it says');
    const byte = this.#bytes[this.#offset] ?? 0;
    this.#offset += 1;
    return byte;
  }
}
