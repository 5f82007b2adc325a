import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FileContent, LocalFile } from '../src/files/file-format.js';

/** A file that DuckDB wrote; see the README there. */
export function fixture(name: string): Buffer {
  return readFileSync(path.join(import.meta.dirname, 'fixtures', 'parquet', `${name}.parquet`));
}

/** A file that hyparquet-writer writes. */
export function written(options: Omit<Parameters<typeof parquetWriteBuffer>[0], 'writer'>): Buffer {
  return Buffer.from(parquetWriteBuffer(options));
}

/** A content in memory, and which bytes of it are read: [position, length]. */
export function contentInMemory(bytes: Buffer): { content: FileContent; reads: [number, number][] } {
  const reads: [number, number][] = [];
  const file: LocalFile = {
    size: bytes.length,
    read: async (position, length) => {
      reads.push([position, length]);
      return Buffer.from(bytes.subarray(position, position + length));
    },
    stream: (start, end) => Readable.from([bytes.subarray(start, end)]),
  };
  const content: FileContent = {
    stream: async function* () {
      yield bytes;
    },
    local: async () => file,
  };
  return { content, reads };
}
