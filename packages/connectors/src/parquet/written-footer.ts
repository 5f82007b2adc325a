import type { WrittenChunk } from './chunk-writer.js';
import type { LeafWriter } from './leaf-writer.js';
import { RLE } from './page-header.js';
import { ThriftWriter } from './thrift-writer.js';

export const MAGIC = Buffer.from('PAR1');
const PLAIN = 0;
const VERSION = 1;

/** A row group that has been written. */
export interface WrittenGroup {
  readonly rows: number;
  /** By the position of the leaf. */
  readonly chunks: readonly WrittenChunk[];
}

/** How the leaves of a file are written. */
export interface WrittenLeaves {
  readonly leaves: readonly LeafWriter[];
  /** Number of the codec. */
  readonly codec: number;
}

/** What the footer says of a row group. */
export function rowGroupMetadata({ rows, chunks }: WrittenGroup, { leaves, codec }: WrittenLeaves): Buffer {
  const columns = chunks.map((chunk, index) => columnMetadata(chunk, leaves[index], codec));
  return ThriftWriter.encode((group) => {
    group.structs(1, columns);
    group.int64(2, sum(chunks.map(({ plainBytes }) => plainBytes)));
    group.int64(3, rows);
    group.int64(5, chunks[0]?.start ?? MAGIC.length);
    group.int64(6, sum(chunks.map(({ storedBytes }) => storedBytes)));
  });
}

/** What stands at the end of a file. */
export function footer(schema: readonly Buffer[], groups: readonly Buffer[], rows: number): Buffer {
  const metadata = ThriftWriter.encode((file) => {
    file.int32(1, VERSION);
    file.structs(2, schema);
    file.int64(3, rows);
    file.structs(4, groups);
    file.text(6, 'Penstock');
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, MAGIC]);
}

function columnMetadata(chunk: WrittenChunk, leaf: LeafWriter | undefined, codec: number): Buffer {
  const { start, entries, plainBytes, storedBytes } = chunk;
  return ThriftWriter.encode((column) => {
    column.int64(2, start);
    column.struct(3, (metadata) => {
      metadata.int32(1, leaf?.encoding.physical ?? 0);
      metadata.int32s(2, [PLAIN, RLE]);
      metadata.texts(3, leaf?.place.names ?? []);
      metadata.int32(4, codec);
      metadata.int64(5, entries);
      metadata.int64(6, plainBytes);
      metadata.int64(7, storedBytes);
      metadata.int64(9, start);
    });
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
