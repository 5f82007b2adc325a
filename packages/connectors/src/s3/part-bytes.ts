const FIRST_BYTES = 8 * 1024 * 1024;
/** Parts of one size: 8 GiB for the first ones, which nearly all files are shorter than. */
const PARTS_OF_A_SIZE = 1_000;

/**
 * Bytes of a part, by its number from 1 on. An object may have 10,000 parts: their size doubles after each 1,000, so that these are enough
 * for 8 TiB, more than an object may have, and memory stays small for everything that is not huge.
 */
export function partBytes(number: number): number {
  return FIRST_BYTES * 2 ** Math.floor((number - 1) / PARTS_OF_A_SIZE);
}
