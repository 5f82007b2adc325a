import type { Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Compression } from '@penstock/domain';
import { SnappyCompression } from './snappy-compression.js';
import { ZipCompression } from './zip-compression.js';

/** Large enough that few chunks go through the steps. */
const CHUNK_BYTES = 64 * 1024;

/** A file that is compressed. */
export interface CompressedFile {
  readonly compression: Compression;
  /** What the file in an archive is called. */
  readonly name: string;
  /** When it was made. */
  readonly time: Date;
}

/** What compressed content is called where it is stored. */
export const COMPRESSED_TYPES: Readonly<Record<Compression, string>> = {
  Zip: 'application/zip',
  Gzip: 'application/gzip',
  Snappy: 'application/x-snappy-framed',
};

/** A stream that compresses what is written into it. It holds little, and its end is the end of the file. */
export function compressor({ compression, name, time }: CompressedFile): Transform {
  switch (compression) {
    case 'Gzip':
      return createGzip({ chunkSize: CHUNK_BYTES });
    case 'Snappy':
      return new SnappyCompression();
    case 'Zip':
      return new ZipCompression(name, time);
  }
}

/**
 * The name of the one file of an archive: that of the archive without `.zip`, and with the extension of the format where nothing else
 * is left of one. `exports/users.csv.zip` holds `users.csv`, and so does `exports/users.zip`.
 */
export function entryName(path: string, extension: string): string {
  const [beforeQuery = ''] = path.split('?', 1);
  const base = beforeQuery.slice(beforeQuery.lastIndexOf('/') + 1).replace(/\.zip$/i, '');
  // What archives do not allow, or take for directories.
  const name = base.replace(/[\\:\p{Cc}]/gu, '_').replace(/^\.+/, '');
  if (name === '') return `file.${extension}`;
  return /\.[^.]+$/.test(name) ? name : `${name}.${extension}`;
}
