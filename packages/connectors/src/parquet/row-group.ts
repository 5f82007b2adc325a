import { corrupt, unreadable } from './corrupt.js';
import type { Footer } from './footer.js';
import { ThriftReader } from './thrift-reader.js';

/** More than a schema has levels. */
const MAX_PATH_NAMES = 100;

/** The values of one leaf of the schema in one row group. */
export interface Chunk {
  /** Names of the leaf and of what it is in, joined by dots. */
  readonly path: string;
  readonly physical: number;
  readonly codec: number;
  /** Values and nulls in its pages. */
  readonly entries: number;
  /** Where in the file its first page begins. */
  readonly start: number;
  /** Bytes of its pages in the file, as far as the file tells. */
  readonly bytes: number;
}

export interface RowGroup {
  readonly rows: number;
  /** Those of the asked leaves. */
  readonly chunks: readonly Chunk[];
}

/** Decodes a row group's metadata for the leaves at some positions of the schema. Throws AppError InvalidFile. */
export function readRowGroup(footer: Footer, offset: number, leaves: readonly number[]): RowGroup {
  const reader = new ThriftReader(footer.bytes, offset);
  const wanted = new Set(leaves);
  const found = new Map<number, Chunk>();
  let rows = -1;
  reader.root((id, type) => {
    if (id === 1) {
      let index = 0;
      reader.list(type, (chunk) => {
        if (wanted.has(index)) found.set(index, readChunk(reader, chunk));
        else reader.skip(chunk);
        index += 1;
      });
    } else if (id === 3) rows = reader.int(type);
    else reader.skip(type);
  });
  if (rows < 0) throw corrupt('a row group does not say how many records it has');
  return { rows, chunks: leaves.map((leaf) => checked(found.get(leaf), footer)) };
}

function checked(chunk: Chunk | undefined, footer: Footer): Chunk {
  if (chunk === undefined) throw corrupt('a row group lacks a column of the schema');
  if (chunk.entries < 0 || chunk.start < 4 || chunk.start > footer.dataEnd) {
    throw corrupt(`column "${chunk.path}" is said to be outside of the file`);
  }
  return chunk;
}

function readChunk(reader: ThriftReader, type: number): Chunk {
  let chunk: Chunk | undefined;
  let encrypted = false;
  reader.struct(type, (id, field) => {
    if (id === 3) chunk = readMetadata(reader, field);
    else {
      // Another file that the chunk is in, and how it is encrypted.
      if (id === 1 && reader.text(field) !== '') throw unreadable('its columns are in other files');
      if (id === 8) encrypted = true;
      if (id !== 1) reader.skip(field);
    }
  });
  if (encrypted) throw unreadable('columns of it are encrypted; give Penstock one that is not');
  if (chunk === undefined) throw corrupt('a row group lacks the metadata of a column');
  return chunk;
}

function readMetadata(reader: ThriftReader, type: number): Chunk {
  const ints: number[] = [];
  const path: string[] = [];
  reader.struct(type, (id, field) => {
    if (id === 3) {
      reader.list(field, (element) => {
        if (path.push(reader.text(element)) > MAX_PATH_NAMES) throw corrupt('a column has too many names');
      });
    } else if (id === 1 || id === 4 || id === 5 || id === 7 || id === 9 || id === 11) ints[id] = reader.int(field);
    else reader.skip(field);
  });
  const [, physical = -1, , , codec = -1, entries = -1, , bytes = 0, , data = -1, , dictionary = 0] = ints;
  // Some writers say 0 where there is no dictionary.
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  return { path: path.join('.'), physical, codec, entries, start, bytes };
}
