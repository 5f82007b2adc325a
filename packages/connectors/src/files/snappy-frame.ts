/** The framing format of snappy: https://github.com/google/snappy/blob/main/framing_format.txt */

/** Bytes of data that a chunk may hold, by the description of the format. */
export const MAX_DATA_BYTES = 65_536;
export const IDENTIFIER = Buffer.from('sNaPpY');

/** Types of chunks. */
export const COMPRESSED = 0x00;
export const UNCOMPRESSED = 0x01;
export const STREAM_IDENTIFIER = 0xff;

/** Checksums are stored like this because a CRC of data that holds CRCs is weak. */
export function masked(crc: number): number {
  const DELTA = 0xa282ead8;
  return (((crc >>> 15) | (crc << 17)) + DELTA) >>> 0;
}
