import { snappyUncompressor } from 'hysnappy';

/** Decompresses blocks of snappy data. It keeps as much memory as the largest block took, so it is made for one file. */
export interface SnappyBlocks {
  /** Bytes that a block says that it makes; undefined when it does not begin with a number. */
  promised(block: Uint8Array): number | undefined;
  /** Throws an Error when the block does not make what it promises. `length` is that promise, looked at before: it is allocated. */
  decompress(block: Uint8Array, length: number): Uint8Array;
}

export function snappyBlocks(): SnappyBlocks {
  return { promised, decompress: snappyUncompressor() };
}

const MAX_LENGTH_BYTES = 5;
const MORE = 0x80;

/** The number that a block begins with: 7 bits in each byte, the lowest first. */
function promised(block: Uint8Array): number | undefined {
  let length = 0;
  for (let index = 0; index < MAX_LENGTH_BYTES; index += 1) {
    const byte = block[index];
    if (byte === undefined) return undefined;
    length += (byte & ~MORE) * 2 ** (7 * index);
    if (byte < MORE) return length;
  }
  return undefined;
}
