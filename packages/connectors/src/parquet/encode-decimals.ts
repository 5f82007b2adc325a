import type { Value } from '@penstock/language';
import { cannotWrite } from '../files/destination-error.js';
import type { GrowingBytes } from './growing-bytes.js';

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Digits that a double has exactly, whatever they are. */
const SAFE_DIGITS = 15;

/** A column of decimals. */
export interface DecimalColumn {
  /** What messages call it. */
  readonly path: string;
  readonly precision: number;
  readonly scale: number;
}

/** Appends the digits of a decimal as an integer. */
type EncodeDecimal = (out: GrowingBytes, value: Value) => void;

export function encodeDecimal32(column: DecimalColumn): EncodeDecimal {
  return (out, value) => out.int32(unscaledNumber(value as string, column));
}

export function encodeDecimal64(column: DecimalColumn): EncodeDecimal {
  const maxLength = SAFE_DIGITS - column.scale;
  return (out, value) => {
    const text = value as string;
    // With the sign and the point there are even fewer digits.
    if (text.length <= maxLength || column.precision <= SAFE_DIGITS) out.int64(unscaledNumber(text, column));
    else out.bigInt64(unscaledBigInt(text, column));
  };
}

/** In two's complement of so many bytes, the highest first. */
export function encodeFixedDecimal(column: DecimalColumn, width: number): EncodeDecimal {
  return (out, value) => {
    const unsigned = BigInt.asUintN(8 * width, unscaledBigInt(value as string, column));
    out.hex(unsigned.toString(16).padStart(2 * width, '0'));
  };
}

/** Bytes that integers of so many digits need. */
export function decimalBytes(precision: number): number {
  let width = 1;
  while (2n ** BigInt(8 * width - 1) < 10n ** BigInt(precision)) width += 1;
  return width;
}

function unscaledNumber(text: string, column: DecimalColumn): number {
  const isNegative = text.charCodeAt(0) === MINUS;
  let value = 0;
  let missing = column.scale;
  let hasPoint = false;
  for (let at = isNegative ? 1 : 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === POINT) hasPoint = true;
    else {
      value = 10 * value + code - ZERO;
      if (hasPoint) missing -= 1;
    }
  }
  if (missing > 0) value *= 10 ** missing;
  if (missing < 0 || value >= 10 ** column.precision) throw tooLarge(column);
  return isNegative ? -value : value;
}

function unscaledBigInt(text: string, column: DecimalColumn): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  const value = BigInt(whole + fraction.padEnd(column.scale, '0'));
  const absolute = value < 0n ? -value : value;
  if (fraction.length > column.scale || absolute >= 10n ** BigInt(column.precision)) throw tooLarge(column);
  // "-0.5" has a whole part of "-0", whose sign stays before the digits.
  return value;
}

function tooLarge({ path, precision, scale }: DecimalColumn): Error {
  return cannotWrite(
    `column "${path}" has a value that is no decimal of ${precision} digits, ${scale} of them after the point: give the property a type with more digits`,
  );
}
