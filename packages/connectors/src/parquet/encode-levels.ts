import { GrowingBytes } from './growing-bytes.js';
import { levelBits } from './leaf.js';

/** Levels that are packed together; a run is worth its own head from here on. */
const GROUP = 8;

/**
 * Levels in the hybrid of runs and packed bits that pages have, after their length in 4 bytes. Each level is a byte, none greater than
 * `max`.
 */
export function encodeLevels(levels: Uint8Array, max: number): Buffer {
  const out = new GrowingBytes();
  const bits = levelBits(max);
  out.int32(0);
  for (let at = 0; at < levels.length; ) {
    const run = runLength(levels, at, levels.length);
    if (run >= GROUP) {
      out.varint(2 * run);
      out.byte(levels[at] ?? 0);
      at += run;
    } else {
      const end = packedEnd(levels, at);
      pack(levels.subarray(at, end), bits, out);
      at = end;
    }
  }
  out.bytes.writeUInt32LE(out.length - 4, 0);
  return out.bytes;
}

/** How often the level at a position follows itself. */
function runLength(levels: Uint8Array, at: number, limit: number): number {
  const level = levels[at];
  let end = at + 1;
  while (end < limit && levels[end] === level) end += 1;
  return end - at;
}

/** Where, some groups later, a run begins. */
function packedEnd(levels: Uint8Array, start: number): number {
  let end = start + GROUP;
  while (end < levels.length && runLength(levels, end, Math.min(levels.length, end + GROUP)) < GROUP) end += GROUP;
  return Math.min(end, levels.length);
}

function pack(levels: Uint8Array, bits: number, out: GrowingBytes): void {
  const groups = Math.ceil(levels.length / GROUP);
  out.varint(2 * groups + 1);
  for (let group = 0; group < groups; group += 1) {
    let [packed, filled] = [0, 0];
    for (let index = group * GROUP; index < (group + 1) * GROUP; index += 1) {
      packed |= (levels[index] ?? 0) << filled;
      for (filled += bits; filled >= 8; filled -= 8) {
        out.byte(packed & 0xff);
        packed >>>= 8;
      }
    }
  }
}

/** Booleans that are a byte each, as the bits that pages have. */
export function packBooleans(bytes: Uint8Array): Buffer {
  const packed = Buffer.alloc(Math.ceil(bytes.length / 8));
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] === 1) packed[index >> 3] = (packed[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return packed;
}
