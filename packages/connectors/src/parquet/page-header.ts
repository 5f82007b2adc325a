import { corrupt } from './corrupt.js';
import { ThriftReader } from './thrift-reader.js';

/** The encoding of levels, except in the oldest files. */
export const RLE = 3;

export const DATA_PAGE = 0;
export const DICTIONARY_PAGE = 2;
export const DATA_PAGE_V2 = 3;

export interface PageHeader {
  readonly type: number;
  /** Bytes of the page after decompression. */
  readonly plainBytes: number;
  /** Bytes of the page as stored. */
  readonly storedBytes: number;
  readonly crc: number | undefined;
  /** Bytes of the header itself. */
  readonly headerBytes: number;
  /** Values and nulls. */
  readonly entries: number;
  readonly encoding: number;
  /** How the levels of a page of version 1 are encoded. */
  readonly definitionEncoding: number;
  readonly repetitionEncoding: number;
  /** Of a page of version 2: its levels precede the values and are not compressed. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  readonly compressed: boolean;
}

/** Throws AppError InvalidFile. */
export function readPageHeader(bytes: Buffer, offset: number): PageHeader {
  const reader = new ThriftReader(bytes, offset);
  const ints: number[] = [];
  let levels: readonly number[] = [];
  let details: readonly number[] = [];
  let compressed = true;
  reader.root((id, type) => {
    if (id >= 1 && id <= 4) ints[id] = reader.int(type);
    else if (id === 5) levels = readDetails(reader, type, [3, 4, 1, 2]);
    else if (id === 7) details = readDetails(reader, type, [1, 2]);
    else if (id === 8) {
      details = readDetails(reader, type, [1, 4, 5, 6], (value) => {
        compressed = value;
      });
    } else reader.skip(type);
  });
  const [, type = -1, plainBytes = -1, storedBytes = -1, crc] = ints;
  const [definitionEncoding = RLE, repetitionEncoding = RLE, ...ofPage] = levels;
  const [entries = -1, encoding = -1, definitionBytes = 0, repetitionBytes = 0] = levels.length > 0 ? ofPage : details;
  const headerBytes = reader.offset - offset;
  const header = { type, plainBytes, storedBytes, crc, headerBytes, entries, encoding, compressed };
  if (plainBytes < 0 || storedBytes < 0 || definitionBytes < 0 || repetitionBytes < 0) {
    throw corrupt('a page is said to have less than no bytes');
  }
  return { ...header, definitionEncoding, repetitionEncoding, definitionBytes, repetitionBytes };
}

/** The integers with the given numbers, in their order; of a page of version 2 also whether it is compressed. */
function readDetails(
  reader: ThriftReader,
  type: number,
  ids: readonly number[],
  onCompressed?: (value: boolean) => void,
): number[] {
  const values: number[] = [];
  reader.struct(type, (id, field) => {
    const place = ids.indexOf(id);
    if (place !== -1) values[place] = reader.int(field);
    else if (id === 7 && onCompressed !== undefined) onCompressed(reader.bool(field));
    else reader.skip(field);
  });
  return values;
}
