import { mkdtemp, open as openHandle, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { AppError } from '@penstock/domain';
import type { RawRow, SourceBatch } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { afterEach, describe, expect, it } from 'vitest';
import { FileSource, type FileSourceDefinition } from '../src/files/file-source.js';
import { lineFormat } from './line-format.js';
import { MemoryStorage } from './memory-storage.js';
import { openFiles } from './open-files.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';
import { zipOf } from './zip-archives.js';

const MIB = 1024 * 1024;
const MANY = `id,email\n${Array.from({ length: 200_000 }, (_, n) => `${n},user${n}@example.com`).join('\n')}\n`;
const storages: MemoryStorage[] = [];

function sourceOf(storage: MemoryStorage, definition: Partial<FileSourceDefinition> = {}): FileSource {
  storages.push(storage);
  return new FileSource(() => storage, {
    ...{ path: 'file', sheet: null, compression: null, expected: null, format: lineFormat() },
    access: { maxFileBytes: 100 * MIB },
    ...definition,
  });
}

async function batchesOf(source: FileSource, signal = unhurried()): Promise<SourceBatch[]> {
  const reader = await source.open(null, signal);
  const batches: SourceBatch[] = [];
  for await (const batch of reader.batches()) batches.push(batch);
  return batches;
}

const rowsOf = async (source: FileSource): Promise<RawRow[]> => (await batchesOf(source)).flatMap(({ rows }) => rows);

const schema = (...properties: [string, 'string' | 'int'][]): ObjectType => ({
  kind: 'object',
  properties: properties.map(([name, kind]) => ({
    name,
    type: kind === 'string' ? { kind } : { kind, bitSize: 32, unsigned: false },
    description: '',
  })),
});

/** Every read ends with nothing left open. */
afterEach(async () => {
  for (const storage of storages.splice(0)) {
    await until('transfers have ended', () => storage.transfers === 0);
    expect(storage.closed).toBe(1);
  }
  expect((await openFiles()).filter((name) => name.includes('penstock-'))).toEqual([]);
});

describe('files as a source', () => {
  it('delivers the records of a file, with the columns of its format', async () => {
    const source = sourceOf(new MemoryStorage({ file: 'id:int,email\n1,a@b.c\n2,-\n' }));
    const reader = await source.open(null, unhurried());
    expect(reader.columns.map(({ name }) => name)).toEqual(['id', 'email']);
    expect(reader.columns[0]?.decode?.('7')).toBe(7);
    const rows: RawRow[] = [];
    for await (const batch of reader.batches()) rows.push(...batch.rows);
    expect(rows).toEqual([
      ['1', 'a@b.c'],
      ['2', null],
    ]);
  });

  it.each([null, 'Gzip', 'Zip'] as const)('delivers all records of a large file: %s', async (compression) => {
    const data = compression === null ? MANY : compression === 'Gzip' ? gzipSync(MANY) : await zipOf({ file: MANY });
    for (const local of [false, true]) {
      const rows = await rowsOf(
        sourceOf(new MemoryStorage({ file: { data } }), { compression, format: lineFormat({ local }) }),
      );
      expect(rows).toHaveLength(200_000);
      expect(rows.every(([id], index) => id === String(index))).toBe(true);
    }
  });

  it('delivers the files of a pattern in the order of their paths, by the columns of the first one', async () => {
    const storage = new MemoryStorage({
      'b/2': 'extra,email,id\nx,two@b.c,2\ny,three@b.c,3\n',
      'b/1': 'id,email\n1,one@b.c\n',
      'b/3': 'id,email,more\n4,four@b.c,z\n',
      c: 'other\n',
    });
    const rows = await rowsOf(
      sourceOf(storage, { path: 'b/*', expected: schema(['email', 'string'], ['id', 'string']) }),
    );
    expect(rows.map(([id, email]) => [id, email])).toEqual([
      ['1', 'one@b.c'],
      ['2', 'two@b.c'],
      ['3', 'three@b.c'],
      ['4', 'four@b.c'],
    ]);
  });

  it('decodes the fields of every file as that file needs it', async () => {
    const storage = new MemoryStorage({ f1: 'n:int\n1\n-\n', f2: 'n:int+100\n2\n-\n' });
    const source = sourceOf(storage, { path: 'f*', expected: schema(['n', 'int']) });
    const reader = await source.open(null, unhurried());
    expect(reader.columns[0]?.decode).toBeUndefined();
    const rows: RawRow[] = [];
    for await (const batch of reader.batches()) rows.push(...batch.rows);
    expect(rows).toEqual([[1], [null], [102], [null]]);
  });

  it.each([
    ['a missing column', 'id\n2\n', 'file "f2" no longer has the column "email"'],
    [
      'another type',
      'email:int,id\n2,2\n',
      'the column "email" of file "f2" has type int(32), but the pipeline was defined with string',
    ],
  ])('ends at a file with %s, after the records of those before', async (_, second, message) => {
    const storage = new MemoryStorage({ f1: 'id,email\n1,a\n', f2: second });
    const source = sourceOf(storage, { path: 'f*', expected: schema(['id', 'string'], ['email', 'string']) });
    const reader = await source.open(null, unhurried());
    const batches = reader.batches()[Symbol.asyncIterator]();
    expect((await batches.next()).value).toMatchObject({ rows: [['1', 'a']] });
    expect(await rejection(batches.next())).toMatchObject({ code: 'SchemaDrift', message });
  });

  it('leaves it to the engine to say what the only file lacks', async () => {
    const source = sourceOf(new MemoryStorage({ file: 'id\n1\n' }), { expected: schema(['email', 'string']) });
    expect(await rowsOf(source)).toEqual([['1']]);
  });

  it('gives records the time of their file', async () => {
    const storage = new MemoryStorage({
      f1: { data: 'id\n1\n', modifiedAt: new Date('2024-01-02T03:04:05.000Z') },
      f2: { data: 'id\n2\n', modifiedAt: new Date('2024-01-02T03:04:00.120Z') },
      f3: { data: 'id\n3\n' },
      f4: { data: 'id\n4\n', modifiedAt: new Date(Number.NaN) },
      f5: { data: 'id\n5\n', modifiedAt: new Date('+012024-01-02T03:04:00.120Z') },
    });
    const times = (await batchesOf(sourceOf(storage, { path: 'f*' }))).map(({ updatedAt }) => updatedAt);
    expect(times).toEqual(['2024-01-02 03:04:05', '2024-01-02 03:04:00.12', undefined, undefined, undefined]);
  });

  it('gives records of an archive the time of its entry', async () => {
    const data = await zipOf({ file: 'id\n1\n' }, { mtime: new Date('2023-02-03T04:05:06Z') });
    const source = sourceOf(new MemoryStorage({ file: { data, modifiedAt: new Date() } }), { compression: 'Zip' });
    expect((await batchesOf(source))[0]?.updatedAt).toBe('2023-02-03 04:05:06');
  });

  it('names the file in errors of its format, and of its compression', async () => {
    const broken = sourceOf(new MemoryStorage({ file: 'id\n1\n!!\n' }));
    expect(await rejection(batchesOf(broken))).toMatchObject({
      code: 'InvalidFile',
      message: 'file "file": line is no record',
    });
    const empty = sourceOf(new MemoryStorage({ file: '' }));
    expect(await rejection(batchesOf(empty))).toMatchObject({
      code: 'NoColumnsFound',
      message: 'file "file": the file has no columns',
    });
    const text = sourceOf(new MemoryStorage({ file: 'id\n1\n' }), { compression: 'Gzip' });
    expect(await rejection(batchesOf(text))).toMatchObject({
      message: 'file "file": is not gzip data: choose another compression, or none',
    });
  });

  it('names the file of a record that cannot be read where there are several', async () => {
    const unreadable = async (storage: MemoryStorage, path: string) =>
      (await batchesOf(sourceOf(storage, { path })))
        .flatMap((batch) => batch.unreadable)
        .map(({ record }) => JSON.parse(record?.() ?? 'null'));
    expect(await unreadable(new MemoryStorage({ f1: 'id\n', 'f"2': 'id\n!\n' }), 'f*')).toEqual([
      { file: 'f"2', line: '!' },
    ]);
    expect(await unreadable(new MemoryStorage({ f1: 'id\n!\n' }), 'f1')).toEqual([{ line: '!' }]);
  });

  it.each([
    ['read to its end', 'id\n1\n'],
    ['found wrong', 'id\n!!\n'],
    ['found without columns', ''],
  ])('refuses a file of this machine that was written before it was %s', async (_, text) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'files-source-'));
    try {
      const file = path.join(directory, 'file');
      await writeFile(file, text);
      const format = lineFormat({ local: true });
      const open = format.open.bind(format);
      const openLocal = () => openHandle(file);
      const source = sourceOf(Object.assign(new MemoryStorage({ file: text }), { openLocal }), {
        format: {
          ...format,
          open: async (content, request, signal) => {
            await content.local();
            await utimes(file, 1, 1);
            return await open(content, request, signal);
          },
        },
      });
      expect(await rejection(batchesOf(source))).toMatchObject({
        code: 'SourceUnavailable',
        details: { changed: true },
      });
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('tells that it goes on with every MiB that is copied, and with every file', async () => {
    const told = async (files: Record<string, string>, local: boolean) => {
      let count = 0;
      const source = sourceOf(new MemoryStorage(files), { path: 'f*', format: lineFormat({ local }) });
      const reader = await source.open(null, unhurried(), () => {
        count += 1;
      });
      const opened = count;
      for await (const _ of reader.batches());
      return { opened, count };
    };
    const { opened } = await told({ f1: MANY.repeat(2) }, true);
    expect(opened).toBeGreaterThan(Math.floor((2 * MANY.length) / MIB));
    expect(opened).toBeLessThan(3 + (2 * MANY.length) / MIB);
    expect(await told({ f1: 'id\n', f2: 'id\n', f3: 'id\n' }, false)).toEqual({ opened: 1, count: 6 });
  });

  it('says that there is no file', async () => {
    expect(await rejection(batchesOf(sourceOf(new MemoryStorage({}))))).toMatchObject({ code: 'SourceRefused' });
  });
});

describe('a read of files', () => {
  it('can happen once', async () => {
    const reader = await sourceOf(new MemoryStorage({ file: 'id\n1\n' })).open(null, unhurried());
    for await (const _ of reader.batches());
    expect(await rejection(reader.batches()[Symbol.asyncIterator]().next())).toBeInstanceOf(Error);
  });

  it('does not begin when the signal was aborted before', async () => {
    const reason = new Error('stopped by the test');
    const source = new FileSource(() => new MemoryStorage({ file: MANY }), {
      ...{ path: 'file', sheet: null, compression: null, expected: null, format: lineFormat() },
      access: { maxFileBytes: MIB },
    });
    expect(await rejection(source.open(null, AbortSignal.abort(reason)))).toBe(reason);
  });

  it.each([
    ['before a record was read', 0],
    ['in the middle', 1],
    ['at the end', Number.POSITIVE_INFINITY],
  ])('can be closed %s, and again', async (_, count) => {
    for (const local of [false, true]) {
      const storage = new MemoryStorage({ f1: MANY, f2: MANY });
      const reader = await sourceOf(storage, { path: 'f*', format: lineFormat({ local }) }).open(null, unhurried());
      const batches = reader.batches()[Symbol.asyncIterator]();
      for (let taken = 0; taken < count && !(await batches.next()).done; taken += 1);
      await reader.close();
      await reader.close();
      expect(await rejection(reader.batches()[Symbol.asyncIterator]().next())).toBeInstanceOf(Error);
    }
  });

  it('closes when its consumer stops in the middle', async () => {
    const reader = await sourceOf(new MemoryStorage({ file: MANY })).open(null, unhurried());
    for await (const _ of reader.batches()) break;
  });

  it('can be closed while it waits for the storage', async () => {
    for (const local of [false, true]) {
      const storage = new MemoryStorage({ f1: 'id\n1\n', f2: MANY }, { faults: [{ at: 100 }] });
      const reader = await sourceOf(storage, { path: 'f*', format: lineFormat({ local }) }).open(null, unhurried());
      const batches = reader.batches()[Symbol.asyncIterator]();
      await batches.next();
      const next = rejection(batches.next());
      await until('the storage stands still', () => storage.taken > 100);
      await reader.close();
      expect(await next).toBeInstanceOf(Error);
    }
  });

  it.each([
    ['while a file is opened', 3],
    ['while records are read', 500_000],
  ])('ends with the signal %s', async (_, at) => {
    for (const local of [false, true]) {
      const controller = new AbortController();
      const storage = new MemoryStorage({ file: MANY }, { faults: [{ at }] });
      const reading = rejection(batchesOf(sourceOf(storage, { format: lineFormat({ local }) }), controller.signal));
      await until('the storage stands still', () => storage.taken >= at);
      const reason = new Error('stopped by the test');
      const start = performance.now();
      controller.abort(reason);
      expect(await reading).toBe(reason);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  it('ends with the signal while its consumer is busy', async () => {
    const controller = new AbortController();
    const reader = await sourceOf(new MemoryStorage({ file: MANY })).open(null, controller.signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await rejection(batches.next())).toBe(reason);
  });

  it('passes errors of the storage on, and closes', async () => {
    const error = new AppError('SourceRefused', { message: 'no permission' });
    for (const at of [0, 500_000]) {
      const storage = new MemoryStorage({ file: MANY }, { faults: [{ at, error }] });
      expect(await rejection(batchesOf(sourceOf(storage)))).toBe(error);
    }
  });

  it('makes the storage wait while its consumer is busy', async () => {
    const storage = new MemoryStorage({ file: MANY });
    const reader = await sourceOf(storage).open(null, unhurried());
    for await (const _ of reader.batches()) {
      expect(storage.taken).toBeLessThan(MIB);
      break;
    }
  });
});
