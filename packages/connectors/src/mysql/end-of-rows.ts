const END = 0xfe;
/** Longer packets that begin the same are rows with a text of 16 MiB or more, which never reach us whole. */
const MAX_END_BYTES = 8;

/** Whether a packet is the one after the last column or after the last row. */
export function isEnd(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === END && end - start <= MAX_END_BYTES;
}
