import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { RawRow } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csv } from '../src/csv/csv.js';
import { previewFiles } from '../src/files/file-preview.js';
import { type FileSourceDefinition, openFileSource } from '../src/files/file-source.js';
import { filesystem } from '../src/filesystem/filesystem.js';
import { parquet } from '../src/parquet/parquet.js';
import { openFiles } from './open-files.js';
import { rejection, unhurried } from './read-source.js';

const COUNT = 30_000;
const expected: ObjectType = {
  kind: 'object',
  properties: ['id', 'email'].map((name) => ({ name, type: { kind: 'string' }, description: '' })),
};

describe('files of a directory as a source', () => {
  let root: string;
  const access = () => ({ filesystemRoot: root, allowPrivateNetworks: false, maxFileBytes: 2 ** 30 });

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'penstock-together-'));
    const lines = (from: number) => Array.from({ length: COUNT }, (_, n) => `${from + n},u${from + n}@example.com`);
    await writeFile(path.join(root, 'a.csv.gz'), gzipSync(`id,email\n${lines(0).join('\n')}\n`));
    await writeFile(
      path.join(root, 'b.csv.gz'),
      gzipSync(
        `email,id\n${lines(COUNT)
          .map((line) => line.split(',').reverse().join(','))
          .join('\n')}\n`,
      ),
    );
    const data = Array.from({ length: COUNT }, (_, n) => `${n}`);
    const columnData = ['email', 'id'].map((name) => ({ name, data, type: 'STRING' as const }));
    await writeFile(path.join(root, 'users.parquet'), Buffer.from(parquetWriteBuffer({ columnData })));
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  async function read(definition: Pick<FileSourceDefinition, 'path' | 'format' | 'compression'>): Promise<RawRow[]> {
    const source = openFileSource(filesystem, {}, access(), { sheet: null, expected, ...definition });
    const reader = await source.open(null, unhurried());
    const [id, email] = ['id', 'email'].map((name) => reader.columns.findIndex((column) => column.name === name));
    const rows: RawRow[] = [];
    for await (const batch of reader.batches()) {
      expect(batch.updatedAt).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
      for (const row of batch.rows) rows.push([row[id ?? -1], row[email ?? -1]]);
    }
    expect((await openFiles()).filter((name) => name.includes('penstock-'))).toEqual([]);
    return rows;
  }

  it('delivers compressed files of a pattern', async () => {
    const rows = await read({ path: '*.csv.gz', format: csv.open({}), compression: 'Gzip' });
    expect(rows).toHaveLength(2 * COUNT);
    expect(rows.every(([id, email], n) => id === `${n}` && email === `u${n}@example.com`)).toBe(true);
  });

  it('delivers a file that is not read from the beginning to the end', async () => {
    const rows = await read({ path: 'users.parquet', format: parquet.open({}), compression: null });
    expect(rows).toHaveLength(COUNT);
    expect(rows.every(([id], n) => id === `${n}`)).toBe(true);
  });

  it('says which file is not what the pipeline takes it for', async () => {
    expect(await rejection(read({ path: 'a.csv.gz', format: parquet.open({}), compression: null }))).toMatchObject({
      code: 'InvalidFile',
      message: expect.stringContaining('file "a.csv.gz": '),
    });
  });

  it('previews them', async () => {
    const look = {
      ...{ connector: filesystem, settings: {}, access: access() },
      path: '*.csv.gz',
      compression: 'Gzip' as const,
    };
    expect(await previewFiles({ ...look, format: csv.open({}) }, { sheet: null, limit: 1 }, unhurried())).toMatchObject(
      {
        schema: { kind: 'object', properties: [{ name: 'id', type: { kind: 'string' } }, { name: 'email' }] },
        rows: [{ id: '0', email: 'u0@example.com' }],
        issues: ['the pattern matches 2 files; records of the first ones are shown'],
      },
    );
    expect((await openFiles()).filter((name) => name.includes('penstock-'))).toEqual([]);
  });
});
