import { corrupt } from './corrupt.js';

const BYTE_BITS = 8;
/** Blocks have a multiple of so many values; no writer has more than the greatest number. */
const BLOCK_MULTIPLE = 128;
const MAX_BLOCK = 1 << 20;
const MINIBLOCK_MULTIPLE = 32;
const MAX_BIT_WIDTH = 64;
const MAX_VARINT_BITS = 70n;
/** Numbers within this, with a delta and its bits, stay exact. */
const SMALL = 2 ** 51;
const SMALL_BITS = 32;
/** Bits that a shift of numbers can take at any place within a byte. */
const WORD_BITS = 25;

/**
 * Integers as the differences between neighbours, in blocks of miniblocks that each have a width in bits of their own. They wrap
 * around at 64 bits; whoever takes 32 of them has those of 32. Numbers are used as long as they are exact, being much faster.
 */
export class DeltaDecoder {
  readonly #bytes: Buffer;
  readonly #end: number;
  #offset: number;
  readonly #miniblocks: number;
  readonly #perMiniblock: number;
  readonly #total: number;
  #done = 0;
  #value: number | bigint;
  #minDelta: number | bigint = 0;
  #widths: Buffer = Buffer.alloc(0);
  #miniblock: number;
  #width = 0;
  #left = 0;
  #bit = 0;

  /** Throws AppError InvalidFile. */
  constructor(bytes: Buffer, [offset, end]: readonly [number, number]) {
    [this.#bytes, this.#offset, this.#end] = [bytes, offset, end];
    const block = Number(this.#varint());
    this.#miniblocks = Number(this.#varint());
    this.#total = Number(this.#varint());
    this.#value = this.#zigzag();
    this.#perMiniblock = block / this.#miniblocks;
    this.#miniblock = this.#miniblocks;
    const fits = block > 0 && block <= MAX_BLOCK && block % BLOCK_MULTIPLE === 0;
    if (!fits || !Number.isInteger(this.#perMiniblock) || this.#perMiniblock % MINIBLOCK_MULTIPLE !== 0) {
      throw corrupt('the blocks of a page have an impossible size');
    }
  }

  /** The next value. Throws AppError InvalidFile when there is none. */
  next(): number | bigint {
    if (this.#done >= this.#total) throw corrupt('a page has fewer values than it says');
    this.#done += 1;
    if (this.#done === 1) return this.#value;
    if (this.#left === 0) this.#nextMiniblock();
    this.#left -= 1;
    const [value, minDelta] = [this.#value, this.#minDelta];
    if (typeof value === 'number' && typeof minDelta === 'number' && this.#width <= SMALL_BITS) {
      this.#value = sized(value + minDelta + this.#smallBits());
    } else {
      const sum = BigInt(value) + BigInt(minDelta) + this.#largeBits();
      this.#value = sized(BigInt.asIntN(MAX_BIT_WIDTH, sum));
    }
    return this.#value;
  }

  /** Passes all values and returns where the bytes behind them are. Throws AppError InvalidFile. */
  pass(): number {
    for (let left = this.#total - 1; left > 0; left -= this.#perMiniblock) {
      this.#nextMiniblock();
      this.#bit += this.#perMiniblock * this.#width;
      this.#offset = this.#bit / BYTE_BITS;
    }
    return Math.min(this.#offset, this.#end);
  }

  #nextMiniblock(): void {
    if (this.#bit > 0) this.#offset = this.#bit / BYTE_BITS;
    if (this.#miniblock >= this.#miniblocks) this.#nextBlock();
    this.#width = this.#widths[this.#miniblock] ?? 0;
    if (this.#width > MAX_BIT_WIDTH) throw corrupt('a page has values of too many bits');
    this.#miniblock += 1;
    this.#left = this.#perMiniblock;
    this.#bit = this.#offset * BYTE_BITS;
  }

  #nextBlock(): void {
    this.#minDelta = this.#zigzag();
    const start = this.#offset;
    this.#offset += this.#miniblocks;
    if (this.#offset > this.#end) throw corrupt('a page ends within a block');
    this.#widths = this.#bytes.subarray(start, this.#offset);
    this.#miniblock = 0;
  }

  #smallBits(): number {
    const width = this.#width;
    if (width > WORD_BITS) return Number(this.#largeBits());
    const [at, shift] = this.#advance();
    const word = this.#byte(at) | (this.#byte(at + 1) << 8) | (this.#byte(at + 2) << 16) | (this.#byte(at + 3) << 24);
    return (word >>> shift) & (2 ** width - 1);
  }

  #largeBits(): bigint {
    const width = this.#width;
    let [at, shift] = this.#advance();
    let value = BigInt(this.#byte(at)) >> BigInt(shift);
    for (let have = BYTE_BITS - shift; have < width; have += BYTE_BITS) {
      at += 1;
      value |= BigInt(this.#byte(at)) << BigInt(have);
    }
    return BigInt.asUintN(width, value);
  }

  /** The byte and the bit that the next bits begin at; they count as taken. */
  #advance(): [at: number, shift: number] {
    const bit = this.#bit;
    this.#bit += this.#width;
    if (this.#bit > this.#end * BYTE_BITS) throw corrupt('a page has fewer values than it says');
    return [bit >>> 3, bit & 7];
  }

  #byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  #zigzag(): number | bigint {
    const value = this.#varint();
    return sized(BigInt.asIntN(MAX_BIT_WIDTH, (value >> 1n) ^ -(value & 1n)));
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < MAX_VARINT_BITS; shift += 7n) {
      if (this.#offset >= this.#end) throw corrupt('a page has fewer values than it says');
      const byte = this.#byte(this.#offset);
      this.#offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw corrupt('a number of a page is too long');
  }
}

/** A number where it is small enough to go on with. */
function sized(value: number | bigint): number | bigint {
  if (value > -SMALL && value < SMALL) return Number(value);
  return BigInt(value);
}
