import { isAscii, isUtf8 } from 'node:buffer';
import type { RawField } from '@penstock/engine';
import { isValidJson, type ValueFailure } from '@penstock/language';
import { MAX_RECORD_BYTES } from '../files/limits.js';
import { corrupt } from './corrupt.js';
import type { DecodePlain, PlainBytes } from './plain-bytes.js';
import { refuse } from './refuse.js';

const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
/** Texts that are shorter are looked through for letters beyond ASCII here, longer ones by Node.js. */
const SHORT_BYTES = 48;
const REPLACEMENT = '\ufffd';

/** Takes so many values of the type BYTE_ARRAY: each has its length before it. Throws AppError InvalidFile. */
export function forEachText(
  input: PlainBytes,
  count: number,
  use: (index: number, start: number, end: number) => void,
): void {
  for (let index = 0; index < count; index += 1) {
    const at = input.take(LENGTH_BYTES);
    const length = input.view.getUint32(at, true);
    const start = input.take(length);
    use(index, start, start + length);
  }
}

/**
 * Texts are cut out of one text of all their bytes, which is several times faster than asking Node.js for each; only those with
 * other letters than ASCII are decoded alone.
 */
export function decodeTexts(property: string): DecodePlain {
  const read = textReader(property);
  return (input, count, out) => {
    const first = input.offset;
    passTexts(input, count);
    const region = input.bytes.subarray(first, input.offset);
    const plain = isAscii(region);
    const sliced = plain || region.length <= count * 2 * SHORT_BYTES;
    const all = sliced ? region.toString('latin1') : '';
    let at = first;
    for (let index = 0; index < count; index += 1) {
      const start = at + LENGTH_BYTES;
      at = start + input.view.getUint32(at, true);
      const fits = at - start <= MAX_RECORD_BYTES && sliced;
      out[index] =
        fits && (plain || isShortAscii(input.bytes, start, at))
          ? all.substring(start - first, at - first)
          : read(input.bytes, start, at);
    }
  };
}

/** Texts that all have the same number of bytes. */
export function decodeFixedTexts(property: string, width: number): DecodePlain {
  const read = textReader(property);
  return (input, count, out) => {
    let at = input.take(count * width);
    for (let index = 0; index < count; index += 1, at += width) out[index] = read(input.bytes, at, at + width);
  };
}

export function decodeJson(property: string): DecodePlain {
  const decode = decodeTexts(property);
  const invalid = refuse('InvalidJson', `value of property "${property}" is not valid JSON`);
  return (input, count, out) => {
    decode(input, count, out);
    for (let index = 0; index < count; index += 1) {
      const text = out[index];
      if (typeof text === 'string' && !isValidJson(text)) out[index] = invalid;
    }
  };
}

export const decodeUuid: DecodePlain = (input, count, out) => {
  const start = input.take(count * UUID_BYTES);
  const hex = input.bytes.toString('hex', start, input.offset);
  for (let index = 0; index < count; index += 1) {
    const at = index * 2 * UUID_BYTES;
    const [time, middle, version] = [hex.slice(at, at + 8), hex.slice(at + 8, at + 12), hex.slice(at + 12, at + 16)];
    out[index] = `${time}-${middle}-${version}-${hex.slice(at + 16, at + 20)}-${hex.slice(at + 20, at + 32)}`;
  }
};

/** Moves behind so many texts. */
function passTexts(input: PlainBytes, count: number): void {
  const { view, end } = input;
  let at = input.offset;
  for (let index = 0; index < count; index += 1) {
    if (at + LENGTH_BYTES > end) throw corrupt('a page has fewer values than it says');
    at += LENGTH_BYTES + view.getUint32(at, true);
  }
  if (at > end) throw corrupt('a value is longer than its page');
  input.offset = at;
}

function isShortAscii(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > SHORT_BYTES) return false;
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] ?? 0) >= 0x80) return false;
  }
  return true;
}

function textReader(property: string): (bytes: Buffer, start: number, end: number) => RawField {
  const invalid: ValueFailure = refuse('InvalidText', `text of property "${property}" is not valid UTF-8`);
  const tooLong = refuse('TextTooLong', `text of property "${property}" is larger than ${MAX_RECORD_BYTES} bytes`);
  return (bytes, start, end) => {
    if (end - start > MAX_RECORD_BYTES) return tooLong;
    const text = bytes.toString('utf8', start, end);
    // What Node.js cannot decode becomes this character, which a text may have of its own as well.
    return text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end)) ? invalid : text;
  };
}
