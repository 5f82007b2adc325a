import type { DecimalType, FloatType, IntType } from './type.js';

/** Greatest number of elements of an array that does not say otherwise. */
export const MAX_ELEMENTS = 2 ** 31 - 1;

/** Greatest finite number of 32 bits. */
export const MAX_FLOAT_32 = 3.4028234663852886e38;

/** The integers that the bit size can hold. */
export function intRange(type: Pick<IntType, 'bitSize' | 'unsigned'>): { minimum: bigint; maximum: bigint } {
  const bits = BigInt(type.bitSize);
  if (type.unsigned) return { minimum: 0n, maximum: (1n << bits) - 1n };
  return { minimum: -(1n << (bits - 1n)), maximum: (1n << (bits - 1n)) - 1n };
}

/** The numbers that the bit size can hold; the infinities count unless the type is `real`. */
export function floatRange(type: Pick<FloatType, 'bitSize' | 'real'>): { minimum: number; maximum: number } {
  if (!type.real) return { minimum: -Infinity, maximum: Infinity };
  const maximum = type.bitSize === 32 ? MAX_FLOAT_32 : Number.MAX_VALUE;
  return { minimum: -maximum, maximum };
}

/** The decimals that precision and scale can hold, as canonical text. */
export function decimalRange(type: Pick<DecimalType, 'precision' | 'scale'>): { minimum: string; maximum: string } {
  const scale = type.scale ?? 0;
  const whole = '9'.repeat(type.precision - scale) || '0';
  const maximum = scale === 0 ? whole : `${whole}.${'9'.repeat(scale)}`;
  return { minimum: `-${maximum}`, maximum };
}
