import type { RawField } from '@penstock/engine';
import { corrupt, unreadable } from './corrupt.js';
import { type Leaf, levelBits } from './leaf.js';
import { DATA_PAGE, type PageHeader, RLE } from './page-header.js';
import { PlainBytes } from './plain-bytes.js';
import { RleDecoder } from './rle-decoder.js';
import { PHYSICAL } from './schema-element.js';
import { deltaIntegers, deltaLengths, deltaTexts, type PageRange, splitBytes } from './transcode.js';
import { booleanSource, dictionarySource, plainSource, transcodedSource, type ValueSource } from './value-source.js';

const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

const LENGTH_BYTES = 4;
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [PHYSICAL.int32, 4],
  [PHYSICAL.int64, 8],
  [PHYSICAL.float, 4],
  [PHYSICAL.double, 8],
]);

/** A page of data, decompressed. Its levels and values are decoded as they are asked for. */
export interface Page {
  /** Values and nulls. */
  readonly entries: number;
  /** undefined: all are 0. */
  readonly repetition: RleDecoder | undefined;
  /** undefined: all are the greatest. */
  readonly definition: RleDecoder | undefined;
  readonly values: ValueSource;
  /** What a value takes of the record that it is in, about. */
  readonly bytesPerValue: number;
}

/** The values that pages refer to, and what one takes of the record that it is in, about. */
export interface Dictionary {
  readonly values: readonly RawField[];
  readonly bytesPerValue: number;
}

/** Opens a page whose bytes are decompressed. Throws AppError InvalidFile. */
export function openPage(bytes: Buffer, header: PageHeader, leaf: Leaf, dictionary: Dictionary | undefined): Page {
  const parts = header.type === DATA_PAGE ? levelsWithin(bytes, header, leaf) : levelsBefore(bytes, header);
  const level = (range: readonly [number, number], max: number) =>
    max === 0 ? undefined : new RleDecoder(bytes, range, levelBits(max));
  const values: PageRange = [bytes, parts.definition[1], bytes.length];
  const usesDictionary = header.encoding === PLAIN_DICTIONARY || header.encoding === RLE_DICTIONARY;
  return {
    entries: header.entries,
    repetition: level(parts.repetition, leaf.maxRepetition),
    definition: level(parts.definition, leaf.maxDefinition),
    values: usesDictionary ? fromDictionary(values, leaf, dictionary) : openValues(values, header.encoding, leaf),
    bytesPerValue:
      (usesDictionary ? dictionary?.bytesPerValue : undefined) ?? bytes.length / Math.max(1, header.entries),
  };
}

interface LevelRanges {
  readonly repetition: readonly [number, number];
  readonly definition: readonly [number, number];
}

/** In pages of version 1 the levels precede the values, each with its length, where there can be more than one. */
function levelsWithin(bytes: Buffer, header: PageHeader, { maxRepetition, maxDefinition, path }: Leaf): LevelRanges {
  const repetition = maxRepetition > 0 ? withLength(bytes, 0) : ([0, 0] as const);
  const definition = maxDefinition > 0 ? withLength(bytes, repetition[1]) : ([0, repetition[1]] as const);
  const isOld =
    (maxRepetition > 0 && header.repetitionEncoding !== RLE) ||
    (maxDefinition > 0 && header.definitionEncoding !== RLE);
  if (isOld) throw unreadable(`column "${path}" has levels in an encoding that is no longer used; write it anew`);
  return { repetition, definition };
}

function levelsBefore(bytes: Buffer, { repetitionBytes, definitionBytes }: PageHeader): LevelRanges {
  const end = repetitionBytes + definitionBytes;
  if (end > bytes.length) throw corrupt('the levels of a page are longer than the page');
  return { repetition: [0, repetitionBytes], definition: [repetitionBytes, end] };
}

function withLength(bytes: Buffer, at: number): readonly [number, number] {
  const start = at + LENGTH_BYTES;
  if (start > bytes.length) throw corrupt('a page ends within its levels');
  const end = start + bytes.readUInt32LE(at);
  if (end > bytes.length) throw corrupt('the levels of a page are longer than the page');
  return [start, end];
}

function fromDictionary([bytes, start, end]: PageRange, leaf: Leaf, dictionary: Dictionary | undefined): ValueSource {
  if (dictionary === undefined) throw corrupt(`column "${leaf.path}" lacks its dictionary`);
  // A page of nulls may have nothing here.
  const width = start < end ? (bytes[start] ?? 0) : 0;
  return dictionarySource(dictionary.values, new RleDecoder(bytes, [start + 1, end], width));
}

function openValues(range: PageRange, encoding: number, leaf: Leaf): ValueSource {
  const [bytes, start, end] = range;
  const { physical, decode } = leaf;
  const width = WIDTHS.get(physical) ?? leaf.width;
  const isInteger = physical === PHYSICAL.int32 || physical === PHYSICAL.int64;
  if (encoding === PLAIN) return plainSource(new PlainBytes(bytes, start, end), decode);
  if (start === end) return plainSource(new PlainBytes(bytes, end, end), decode);
  if (encoding === RLE && physical === PHYSICAL.boolean) {
    return booleanSource(new RleDecoder(bytes, withLength(bytes, start), 1));
  }
  if (encoding === DELTA_BINARY_PACKED && isInteger) return transcodedSource(deltaIntegers(range, width), decode);
  if (encoding === DELTA_LENGTH_BYTE_ARRAY && physical === PHYSICAL.byteArray) {
    return transcodedSource(deltaLengths(range), decode);
  }
  if (encoding === DELTA_BYTE_ARRAY && (physical === PHYSICAL.byteArray || physical === PHYSICAL.fixed)) {
    return transcodedSource(deltaTexts(range, physical === PHYSICAL.fixed), decode);
  }
  if (encoding === BYTE_STREAM_SPLIT && width > 0) return transcodedSource(splitBytes(range, width), decode);
  throw unreadable(`column "${leaf.path}" has the encoding number ${encoding}, which its type does not have`);
}
