import type { RawField } from '@penstock/engine';
import type { ValueFailure } from '@penstock/language';
import { int64Text } from './decode-numbers.js';
import { forEachText } from './decode-texts.js';
import type { DecodePlain } from './plain-bytes.js';
import { refuse } from './refuse.js';

const INT32_BYTES = 4;
const INT64_BYTES = 8;
/** Bytes of the greatest number of 76 digits. */
const MAX_BYTES = 32;
const MINUS = 45;

/** Writes the decimals of one property from their digits. */
interface DecimalText {
  write(unscaled: string): RawField;
  readonly outOfRange: ValueFailure;
}

export interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

export function decodeDecimal32(property: string, size: DecimalSize): DecodePlain {
  const text = decimalText(property, size);
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT32_BYTES);
    for (let index = 0; index < count; index += 1, at += INT32_BYTES) {
      out[index] = text.write(String(view.getInt32(at, true)));
    }
  };
}

export function decodeDecimal64(property: string, size: DecimalSize): DecodePlain {
  const text = decimalText(property, size);
  return (input, count, out) => {
    const { view } = input;
    let at = input.take(count * INT64_BYTES);
    for (let index = 0; index < count; index += 1, at += INT64_BYTES) out[index] = text.write(int64Text(view, at));
  };
}

/** Numbers of a fixed number of bytes, the highest first. */
export function decodeFixedDecimal(property: string, size: DecimalSize, width: number): DecodePlain {
  const text = decimalText(property, size);
  return (input, count, out) => {
    let at = input.take(count * width);
    for (let index = 0; index < count; index += 1, at += width) {
      out[index] = bigEndian(input.bytes, at, at + width, text);
    }
  };
}

/** Numbers of as many bytes as each needs, the highest first. */
export function decodeVariableDecimal(property: string, size: DecimalSize): DecodePlain {
  const text = decimalText(property, size);
  return (input, count, out) => {
    forEachText(input, count, (index, start, end) => {
      out[index] = bigEndian(input.bytes, start, end, text);
    });
  };
}

function bigEndian(bytes: Buffer, start: number, end: number, text: DecimalText): RawField {
  if (start === end) return text.write('0');
  const negative = (bytes[start] ?? 0) >= 0x80;
  const sign = negative ? 0xff : 0;
  let at = start;
  while (at < end - 1 && bytes[at] === sign && (bytes[at + 1] ?? 0) >= 0x80 === negative) at += 1;
  const length = end - at;
  if (length > MAX_BYTES) return text.outOfRange;
  if (length <= 6) return text.write(String(bytes.readIntBE(at, length)));
  const unsigned = BigInt(`0x${bytes.toString('hex', at, end)}`);
  return text.write(BigInt.asIntN(8 * length, unsigned).toString());
}

function decimalText(property: string, { precision, scale }: DecimalSize): DecimalText {
  const outOfRange = refuse('NumberOutOfRange', `number of property "${property}" has more than ${precision} digits`);
  return {
    outOfRange,
    write: (unscaled) => {
      const sign = unscaled.charCodeAt(0) === MINUS ? '-' : '';
      const digits = sign === '' ? unscaled : unscaled.slice(1);
      if (digits.length > precision) return outOfRange;
      if (scale === 0) return unscaled;
      const padded = digits.length > scale ? digits : digits.padStart(scale + 1, '0');
      return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
    },
  };
}
