import { MAX_RECORD_BYTES } from '../files/limits.js';
import { corrupt } from './corrupt.js';
import { DeltaDecoder } from './delta-decoder.js';
import { PlainBytes } from './plain-bytes.js';

const INT32_BYTES = 4;
const INT64_BYTES = 8;
const INT32_BITS = 32;
const TWO_TO_32 = 2 ** 32;
/** Bytes that some values may make together where each can repeat the one before it. */
const MAX_EXPANDED_BYTES = 4 * MAX_RECORD_BYTES;

/** Where the values of a page are: its bytes, and the first and the end of them. */
export type PageRange = readonly [bytes: Buffer, start: number, end: number];

/** Makes the next values of a page as PLAIN ones. Throws AppError InvalidFile. */
export type NextPlain = (count: number) => PlainBytes;

/** DELTA_BINARY_PACKED: integers of 4 or 8 bytes. */
export function deltaIntegers([bytes, start, end]: PageRange, width: number): NextPlain {
  const decoder = new DeltaDecoder(bytes, [start, end]);
  return (count) => {
    const plain = new PlainBytes(Buffer.allocUnsafe(count * width), 0, count * width);
    for (let at = 0; at < plain.end; at += width) writeInteger(plain.view, at, decoder.next(), width);
    return plain;
  };
}

/** DELTA_LENGTH_BYTE_ARRAY: the lengths of all texts, then the texts. */
export function deltaLengths([bytes, start, end]: PageRange): NextPlain {
  const lengths = new Lengths([bytes, start, end]);
  let at = lengths.end;
  return (count) => {
    const texts: Buffer[] = [];
    for (let index = 0; index < count; index += 1) {
      const next = at + lengths.next();
      if (next > end) throw corrupt('a value is longer than its page');
      texts.push(bytes.subarray(at, next));
      at = next;
    }
    return withLengths(texts);
  };
}

/** DELTA_BYTE_ARRAY: how many bytes each text shares with the one before it, and the rest of it. Of fixed width without lengths. */
export function deltaTexts([bytes, start, end]: PageRange, fixed: boolean): NextPlain {
  const prefixes = new Lengths([bytes, start, end]);
  const suffixes = new Lengths([bytes, prefixes.end, end]);
  let at = suffixes.end;
  let last: Buffer = Buffer.alloc(0);
  return (count) => {
    const texts: Buffer[] = [];
    let total = 0;
    for (let index = 0; index < count; index += 1) {
      const prefix = prefixes.next();
      const next = at + suffixes.next();
      if (next > end || prefix > last.length) throw corrupt('a value is longer than its page');
      total += prefix + next - at;
      if (total > MAX_EXPANDED_BYTES) throw corrupt('its values are larger than their pages can be');
      last =
        prefix === 0 ? bytes.subarray(at, next) : Buffer.concat([last.subarray(0, prefix), bytes.subarray(at, next)]);
      texts.push(last);
      at = next;
    }
    return fixed ? joined(texts) : withLengths(texts);
  };
}

/** BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on. */
export function splitBytes([bytes, start, end]: PageRange, width: number): NextPlain {
  const total = Math.floor((end - start) / width);
  let done = 0;
  return (count) => {
    if (done + count > total) throw corrupt('a page has fewer values than it says');
    const plain = Buffer.allocUnsafe(count * width);
    for (let byte = 0; byte < width; byte += 1) {
      let from = start + byte * total + done;
      for (let at = byte; at < plain.length; at += width, from += 1) plain[at] = bytes[from] ?? 0;
    }
    done += count;
    return new PlainBytes(plain, 0, plain.length);
  };
}

/** Lengths that precede what they are the lengths of. */
class Lengths {
  readonly #decoder: DeltaDecoder;
  /** Where the bytes behind them are. */
  readonly end: number;

  constructor([bytes, start, end]: PageRange) {
    this.#decoder = new DeltaDecoder(bytes, [start, end]);
    this.end = new DeltaDecoder(bytes, [start, end]).pass();
  }

  next(): number {
    const length = Number(this.#decoder.next());
    if (length < 0) throw corrupt('a value has less than no bytes');
    return length;
  }
}

function writeInteger(view: DataView, at: number, value: number | bigint, width: number): void {
  if (typeof value === 'bigint') {
    if (width === INT64_BYTES) view.setBigInt64(at, value, true);
    else view.setInt32(at, Number(BigInt.asIntN(INT32_BITS, value)), true);
  } else {
    view.setInt32(at, value, true);
    if (width === INT64_BYTES) view.setInt32(at + INT32_BYTES, Math.floor(value / TWO_TO_32), true);
  }
}

function withLengths(texts: readonly Buffer[]): PlainBytes {
  const plain = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + INT32_BYTES + text.length, 0));
  let at = 0;
  for (const text of texts) {
    plain.writeUInt32LE(text.length, at);
    at += INT32_BYTES;
    at += text.copy(plain, at);
  }
  return new PlainBytes(plain, 0, plain.length);
}

function joined(texts: readonly Buffer[]): PlainBytes {
  const plain = Buffer.concat(texts);
  return new PlainBytes(plain, 0, plain.length);
}
