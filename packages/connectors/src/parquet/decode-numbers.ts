import type { ValueFailure } from '@penstock/language';
import type { DecodePlain } from './plain-bytes.js';

const INT32_BYTES = 4;
const INT64_BYTES = 8;
const FLOAT16_BYTES = 2;
const TWO_TO_32 = 2 ** 32;
/** The upper halves of the integers that a number holds exactly are less than this. */
const SAFE_HIGH = 2 ** 21;

export const decodeBoolean: DecodePlain = (input, count, out) => {
  const first = input.bit;
  const start = input.offset;
  input.take((first + count + 7) >> 3);
  for (let index = 0; index < count; index += 1) {
    const bit = first + index;
    out[index] = (((input.bytes[start + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1;
  }
  input.bit = (first + count) & 7;
  input.offset = start + ((first + count) >> 3);
};

export const decodeInt32: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT32_BYTES);
  for (let index = 0; index < count; index += 1, at += INT32_BYTES) out[index] = view.getInt32(at, true);
};

export const decodeUint32: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT32_BYTES);
  for (let index = 0; index < count; index += 1, at += INT32_BYTES) out[index] = view.getUint32(at, true);
};

/** Integers of fewer than 32 bits, of which the file can hold others. */
export function decodeSmallInt(minimum: number, maximum: number, outOfRange: ValueFailure): DecodePlain {
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT32_BYTES);
    for (let index = 0; index < count; index += 1, at += INT32_BYTES) {
      const value = view.getInt32(at, true);
      out[index] = value >= minimum && value <= maximum ? value : outOfRange;
    }
  };
}

export const decodeInt64: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT64_BYTES);
  for (let index = 0; index < count; index += 1, at += INT64_BYTES) out[index] = int64Text(view, at);
};

export const decodeUint64: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT64_BYTES);
  for (let index = 0; index < count; index += 1, at += INT64_BYTES) {
    const high = view.getUint32(at + INT32_BYTES, true);
    out[index] = high < SAFE_HIGH ? int64Text(view, at) : view.getBigUint64(at, true).toString();
  }
};

export const decodeFloat32: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT32_BYTES);
  for (let index = 0; index < count; index += 1, at += INT32_BYTES) out[index] = view.getFloat32(at, true);
};

export const decodeFloat64: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * INT64_BYTES);
  for (let index = 0; index < count; index += 1, at += INT64_BYTES) out[index] = view.getFloat64(at, true);
};

export const decodeFloat16: DecodePlain = (input, count, out) => {
  const { view } = input;
  let at = input.take(count * FLOAT16_BYTES);
  for (let index = 0; index < count; index += 1, at += FLOAT16_BYTES) out[index] = float16(view.getUint16(at, true));
};

/** The decimal text of the signed integer of 64 bits at a place; nearly all fit into a number, which is faster. */
export function int64Text(view: DataView, at: number): string {
  const high = view.getInt32(at + INT32_BYTES, true);
  if (high < -SAFE_HIGH || high >= SAFE_HIGH) return view.getBigInt64(at, true).toString();
  return `${high * TWO_TO_32 + view.getUint32(at, true)}`;
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
