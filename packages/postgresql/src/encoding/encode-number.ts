import type { Value } from '@penstock/language';
import { RefusedValue, type WireBuffer } from './wire-buffer.js';

const MIN_BIGINT = -(2n ** 63n);
const MAX_BIGINT = 2n ** 63n - 1n;
/** Digits that a number certainly holds exactly. */
const SAFE_DIGITS = 15;
const INTEGER = /^-?\d+$/;

export function encodeSmallint(value: Value, out: WireBuffer): void {
  if (typeof value !== 'number' || (value << 16) >> 16 !== value)
    throw new RefusedValue('value is out of range for a smallint');
  out.int32(2);
  out.int16(value);
}

export function encodeInteger(value: Value, out: WireBuffer): void {
  if (typeof value !== 'number' || (value | 0) !== value)
    throw new RefusedValue('value is out of range for an integer');
  out.int32(4);
  out.int32(value);
}

/** From a number (unsigned 32 bits) or from the text of 64 bits. */
export function encodeBigint(value: Value, out: WireBuffer): void {
  const small = typeof value === 'string' && value.length <= SAFE_DIGITS ? Number(value) : value;
  if (typeof small === 'number' && Number.isSafeInteger(small)) {
    out.int32(8);
    out.int64(small);
    return;
  }
  if (typeof small !== 'string' || !INTEGER.test(small)) throw new RefusedValue('value is not an integer');
  const big = BigInt(small);
  if (big < MIN_BIGINT || big > MAX_BIGINT) throw new RefusedValue('value is out of range for a bigint');
  out.int32(8);
  out.int32(Number(big >> 32n));
  out.int32(Number(big & 0xffff_ffffn));
}

export function encodeReal(value: Value, out: WireBuffer): void {
  if (typeof value !== 'number') throw new RefusedValue('value is not a number');
  out.int32(4);
  out.float32(value);
}

export function encodeDouble(value: Value, out: WireBuffer): void {
  if (typeof value !== 'number') throw new RefusedValue('value is not a number');
  out.int32(8);
  out.float64(value);
}

export function encodeBoolean(value: Value, out: WireBuffer): void {
  if (typeof value !== 'boolean') throw new RefusedValue('value is not a boolean');
  out.int32(1);
  out.byte(value ? 1 : 0);
}
