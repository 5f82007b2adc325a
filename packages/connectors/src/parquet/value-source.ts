import type { RawField } from '@penstock/engine';
import { corrupt } from './corrupt.js';
import type { DecodePlain, PlainBytes } from './plain-bytes.js';
import type { RleDecoder } from './rle-decoder.js';

/** The values of a page, without its nulls, which are decoded as they are asked for. */
export interface ValueSource {
  /** Puts the next values at the front of `out`. Throws AppError InvalidFile when there are fewer. */
  read(count: number, out: RawField[]): void;
}

export function plainSource(input: PlainBytes, decode: DecodePlain): ValueSource {
  return { read: (count, out) => decode(input, count, out) };
}

/** Values of another encoding, as PLAIN ones: `next` makes those that are asked for. */
export function transcodedSource(next: (count: number) => PlainBytes, decode: DecodePlain): ValueSource {
  return { read: (count, out) => decode(next(count), count, out) };
}

export function dictionarySource(dictionary: readonly RawField[], indexes: RleDecoder): ValueSource {
  let places = new Uint32Array(0);
  return {
    read: (count, out) => {
      if (places.length < count) places = new Uint32Array(count);
      indexes.read(places, count);
      for (let index = 0; index < count; index += 1) {
        const value = dictionary[places[index] as number];
        if (value === undefined) throw corrupt('a value is not in its dictionary');
        out[index] = value;
      }
    },
  };
}

export function booleanSource(bits: RleDecoder): ValueSource {
  let values = new Uint8Array(0);
  return {
    read: (count, out) => {
      if (values.length < count) values = new Uint8Array(count);
      bits.read(values, count);
      for (let index = 0; index < count; index += 1) out[index] = values[index] === 1;
    },
  };
}
