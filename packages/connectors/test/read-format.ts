import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { RawRow, UnreadableRecord } from '@penstock/engine';
import { onTestFinished } from 'vitest';
import type { FileColumn, FileContent, FileFormat, FormatRequest, LocalFile } from '../src/files/file-format.js';
import { unhurried } from './read-source.js';

/** The content of a file in memory, delivered in chunks of some bytes. */
export function contentOf(data: string | Uint8Array, chunkBytes = 64 * 1024): FileContent {
  const bytes = Buffer.from(data as Uint8Array);
  return {
    stream: async function* () {
      for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
    },
    local: () => localFile(bytes),
  };
}

async function localFile(bytes: Buffer): Promise<LocalFile> {
  const directory = await mkdtemp(path.join(tmpdir(), 'penstock-format-'));
  const file = path.join(directory, 'file');
  await writeFile(file, bytes);
  const handle = await open(file);
  onTestFinished(async () => {
    await handle.close();
    await rm(directory, { recursive: true });
  });
  return {
    size: bytes.length,
    read: async (position, length) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, bytes.length - position)));
      await handle.read(buffer, 0, buffer.length, position);
      return buffer;
    },
    stream: (start, end) => Readable.from(start < end ? [bytes.subarray(start, end)] : [], { objectMode: false }),
  };
}

export interface FileResult {
  readonly columns: readonly FileColumn[];
  readonly issues: readonly string[];
  readonly rows: readonly RawRow[];
  readonly unreadable: readonly UnreadableRecord[];
}

/** Reads a file to its end. */
export async function readFile(
  format: FileFormat,
  content: FileContent,
  request: Partial<FormatRequest> = {},
): Promise<FileResult> {
  const reader = await format.open(content, { sheet: null, expected: null, ...request }, unhurried());
  const rows: RawRow[] = [];
  const unreadable: UnreadableRecord[] = [];
  try {
    for await (const batch of reader.batches()) {
      rows.push(...batch.rows);
      unreadable.push(...batch.unreadable);
    }
  } finally {
    await reader.close();
  }
  return { columns: reader.columns, issues: reader.issues, rows, unreadable };
}
