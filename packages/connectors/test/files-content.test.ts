import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { AppError, type Compression } from '@penstock/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenedContent, openContent } from '../src/files/file-content.js';
import type { StoredFile } from '../src/files/file-storage.js';
import { spool, writeAll } from '../src/files/spool.js';
import { MemoryStorage } from './memory-storage.js';
import { openFiles } from './open-files.js';
import { rejection, unhurried } from './read-source.js';
import { dataFrame, STREAM_IDENTIFIER } from './snappy-frames.js';
import { until } from './until.js';
import { withDirectory, zipOf } from './zip-archives.js';

const MIB = 1024 * 1024;
const DATA = Buffer.concat([randomBytes(200_000), Buffer.alloc(1_000_000, 'id,email\n')]);
const ZIPPED = await zipOf({ file: DATA });
const opened: OpenedContent[] = [];

interface Given {
  readonly compression?: Compression | null;
  readonly maxFileBytes?: number;
  readonly signal?: AbortSignal;
}

async function contentOf(storage: MemoryStorage, given: Given = {}): Promise<OpenedContent> {
  const { compression = null, maxFileBytes = 100 * MIB, signal = unhurried() } = given;
  const [file] = await storage.find('file');
  const content = openContent({ storage, file: file as StoredFile, compression, access: { maxFileBytes } }, signal);
  opened.push(content);
  return content;
}

async function read(data: string | Uint8Array, given: Given = {}): Promise<Buffer> {
  const content = await contentOf(new MemoryStorage({ file: { data } }), given);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.stream()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const unzip = (data: Uint8Array, given: Given = {}) => read(data, { compression: 'Zip', ...given });

afterEach(async () => {
  for (const content of opened.splice(0)) await content.close();
  expect((await openFiles()).filter((name) => name.includes('penstock-'))).toEqual([]);
});

describe('the content of a file', () => {
  it.each([
    ['as it is', null, DATA],
    ['gzip', 'Gzip', gzipSync(DATA)],
    [
      'snappy',
      'Snappy',
      Buffer.concat([
        STREAM_IDENTIFIER,
        ...Array.from({ length: 75 }, (_, n) => dataFrame(DATA.subarray(n * 16_000, (n + 1) * 16_000))),
      ]),
    ],
    ['zip', 'Zip', ZIPPED],
  ] as const)('is read from the beginning to the end, and anywhere: %s', async (_, compression, data) => {
    expect((await read(data, { compression })).equals(DATA)).toBe(true);
    const local = await (await contentOf(new MemoryStorage({ file: { data } }), { compression })).local();
    expect(local.size).toBe(DATA.length);
    expect((await local.read(123_456, 1_000)).equals(DATA.subarray(123_456, 124_456))).toBe(true);
    expect((await local.read(DATA.length - 10, 1_000)).equals(DATA.subarray(-10))).toBe(true);
    expect(await local.read(DATA.length + 10, 1_000)).toHaveLength(0);
    expect(await text(local.stream(199_990, 1_199_990))).toBe(DATA.subarray(199_990, 1_199_990).toString());
    expect(await text(local.stream(9, 9))).toBe('');
  });

  it('goes on where the storage was interrupted', async () => {
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const storage = new MemoryStorage({ file: { data: gzipSync(DATA) } }, { faults: [{ at: 100_000, error }] });
    const local = await (await contentOf(storage, { compression: 'Gzip' })).local();
    expect((await local.read(0, local.size)).equals(DATA)).toBe(true);
    expect(storage.offsets).toEqual([0, 100_000]);
  });

  it('is the file itself where the storage is this machine', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'penstock-content-'));
    try {
      await writeFile(path.join(directory, 'file'), DATA);
      const storage = Object.assign(new MemoryStorage({ file: { data: DATA } }), {
        openLocal: () => open(path.join(directory, 'file')),
      });
      const content = await contentOf(storage);
      const local = await content.local();
      expect((await local.read(0, local.size)).equals(DATA)).toBe(true);
      expect(storage.offsets).toEqual([]);
      await writeFile(path.join(directory, 'file'), 'shorter');
      expect(await rejection(local.read(0, local.size))).toMatchObject({ code: 'SourceUnavailable' });
      await content.close();
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it.each([
    ['as it is', null, DATA, ''],
    ['gzip', 'Gzip', gzipSync(DATA), ' when decompressed'],
    ['zip', 'Zip', ZIPPED, ' when decompressed'],
  ] as const)('must not be larger than the installation allows: %s', async (_, compression, data, when) => {
    const message = `is larger than 1 MiB${when}, which this installation allows at most (MAX_FILE_MB)`;
    const expected = { code: 'InvalidFile', message };
    expect(await rejection(read(data, { compression, maxFileBytes: MIB }))).toMatchObject(expected);
    const content = await contentOf(new MemoryStorage({ file: { data } }), { compression, maxFileBytes: MIB });
    expect(await rejection(content.local())).toMatchObject(expected);
  });

  it('holds little memory while a bomb is decompressed, and ends', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB));
    const before = process.memoryUsage();
    let greatest = 0;
    const content = await contentOf(new MemoryStorage({ file: { data: bomb } }), {
      compression: 'Gzip',
      maxFileBytes: 150 * MIB,
    });
    const reading = async () => {
      let chunks = 0;
      for await (const _ of content.stream()) {
        chunks += 1;
        if (chunks % 50 === 0) greatest = Math.max(greatest, process.memoryUsage().arrayBuffers);
      }
    };
    expect(await rejection(reading())).toMatchObject({ code: 'InvalidFile' });
    expect(greatest - before.arrayBuffers).toBeLessThan(50 * MIB);
  });

  it('that is something else is said to be that, whatever the chunks', async () => {
    const page = Buffer.from('\ufeff \n<!DOCTYPE html>\n<html>');
    const cases: [Uint8Array, string, boolean][] = [
      [gzipSync('id\n'), 'is gzip data: set compression to Gzip', true],
      [STREAM_IDENTIFIER, 'is snappy data: set compression to Snappy', true],
      [page, 'is a web page', true],
      [Buffer.from('<HTML lang="de">'), 'is a web page', true],
      [await zipOf({ a: 'id' }), 'is a zip archive: set compression to Zip', false],
      [Buffer.from('PAR1\x15\x00'), 'is a Parquet file: choose the format parquet', false],
      [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'is an old Excel workbook or another Office file', false],
    ];
    for (const [data, message, inLocal] of cases) {
      const of = () => contentOf(new MemoryStorage({ file: { data } }, { chunkBytes: 3 }));
      const refused = { code: 'InvalidFile', message: expect.stringContaining(message) };
      expect(await rejection(text((await of()).stream())), message).toMatchObject(refused);
      const local = (await of()).local();
      if (inLocal) expect(await rejection(local), message).toMatchObject(refused);
      else expect((await local).size).toBe(data.length);
    }
    for (const data of ['PAR1,PAR2\n1,2\n', 'PK,id\n', '<htmlish>\n', '']) expect(String(await read(data))).toBe(data);
  });

  it('has the time that the storage says, or null', async () => {
    const modifiedAt = new Date('2024-05-06T07:08:09Z');
    expect((await contentOf(new MemoryStorage({ file: { data: '', modifiedAt } }))).modifiedAt).toBe(modifiedAt);
    expect((await contentOf(new MemoryStorage({ file: '' }))).modifiedAt).toBeNull();
  });
});

describe('a zip archive', () => {
  it('may have directories beside its file, and what macOS adds', async () => {
    const archive = await zipOf({ 'a/': '', 'a/b.csv': 'one', '__MACOSX/': '', '__MACOSX/a/._b.csv': 'attributes' });
    expect(String(await unzip(archive))).toBe('one');
  });

  it.each([{ compress: false }, { forceZip64Format: true }])('is read when it was made with %o', async (options) => {
    expect((await unzip(await zipOf({ file: DATA }, options))).equals(DATA)).toBe(true);
  });

  it('must hold exactly one file', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`${n}.csv`, '']));
    for (const [entries, count] of [
      [{ 'a/': '' }, 'no files'],
      [{ a: '', b: '', c: '' }, '3 files'],
      [many, 'more than 1000 files'],
    ] as const) {
      expect(await rejection(unzip(await zipOf(entries)))).toMatchObject({
        code: 'InvalidFile',
        message: `the zip archive holds ${count}; it must hold exactly one`,
      });
    }
  });

  it('gives its file the time of the entry', async () => {
    const mtime = new Date('2023-02-03T04:05:06Z');
    const data = await zipOf({ file: 'one' }, { mtime });
    const content = await contentOf(new MemoryStorage({ file: { data, modifiedAt: new Date() } }), {
      compression: 'Zip',
    });
    for await (const _ of content.stream());
    expect(content.modifiedAt?.toISOString()).toBe(mtime.toISOString());
  });

  it('gives its file no time that is not in UTC: then it is that of the file', async () => {
    const modifiedAt = new Date();
    const data = await zipOf({ file: 'one' }, { mtime: new Date('2023-02-03T04:05:06Z'), forceDosTimestamp: true });
    const content = await contentOf(new MemoryStorage({ file: { data, modifiedAt } }), { compression: 'Zip' });
    for await (const _ of content.stream());
    expect(content.modifiedAt).toBe(modifiedAt);
  });

  it('may have an entry without a time: then it is that of the file', async () => {
    const modifiedAt = new Date();
    const zip = withDirectory(await zipOf({ file: 'one' }, { forceDosTimestamp: true }), (header) =>
      header.writeUInt32LE(0, 12),
    );
    const content = await contentOf(new MemoryStorage({ file: { data: zip, modifiedAt } }), { compression: 'Zip' });
    for await (const _ of content.stream());
    expect(content.modifiedAt).toBe(modifiedAt);
  });

  it('must not be encrypted', async () => {
    for (const flags of [0x01, 0x41]) {
      const archive = withDirectory(await zipOf({ file: 'one' }), (header) => header.writeUInt16LE(flags, 8));
      expect(await rejection(unzip(archive))).toMatchObject({ message: expect.stringContaining('is encrypted') });
    }
  });

  it('must be stored or deflated', async () => {
    const archive = withDirectory(await zipOf({ file: 'one' }), (header) => header.writeUInt16LE(12, 10));
    expect(await rejection(unzip(archive))).toMatchObject({ message: expect.stringContaining('method 12') });
  });

  it('must be what was put into it', async () => {
    const archive = await zipOf({ file: DATA });
    const damages: ((header: Buffer) => void)[] = [
      (header) => header.writeUInt32LE(123, 16),
      (header) => header.writeUInt32LE(DATA.length - 1, 24),
      (header) => header.writeUInt32LE(DATA.length + 1, 24),
      (header) => header.writeUInt32LE(1_000, 20),
      (header) => header.writeUInt32LE(archive.length, 20),
      (header) => header.writeUInt32LE(archive.length, 42),
      (header) => header.writeUInt32LE(0, 0),
      (header) => header.writeUInt16LE(60_000, 28),
    ];
    for (const damage of damages) {
      expect.soft(await rejection(unzip(withDirectory(archive, damage))), String(damage)).toMatchObject({
        code: 'InvalidFile',
        message: expect.stringContaining('damaged'),
      });
    }
    const wrong = Buffer.from(archive);
    wrong.fill(0xff, 1_000, 1_100);
    expect(await rejection(unzip(wrong))).toMatchObject({ code: 'InvalidFile' });
  });

  it('must not become more than it says: a bomb ends early', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * MIB));
    const archive = withDirectory(await zipOf({ file: bomb }, { compress: false }), (header) => {
      header.writeUInt16LE(8, 10);
      header.writeUInt32LE(10, 24);
    });
    expect(await rejection(unzip(archive))).toMatchObject({ message: expect.stringContaining('damaged') });
  });

  it('must be an archive, and whole', async () => {
    const archive = await zipOf({ file: DATA });
    expect(await rejection(unzip(Buffer.from('id,email\n1,2\n')))).toMatchObject({
      message: 'is not a zip archive: choose another compression, or none',
    });
    expect(await rejection(unzip(Buffer.alloc(0)))).toMatchObject({ code: 'InvalidFile' });
    expect(await rejection(unzip(archive.subarray(0, 100_000)))).toMatchObject({
      message: expect.stringContaining('ends in the middle'),
    });
  });
});

describe('a temporary file', () => {
  it('has no name', async () => {
    const before = await readdir(tmpdir());
    const content = await contentOf(new MemoryStorage({ file: { data: DATA } }));
    await content.local();
    expect(
      (await readdir(tmpdir())).filter((name) => !before.includes(name) && /^penstock-[0-9a-f-]{36}$/.test(name)),
    ).toEqual([]);
    expect((await openFiles()).filter((name) => name.includes('penstock-'))).toHaveLength(1);
    await content.close();
    await content.close();
    expect((await openFiles()).filter((name) => name.includes('penstock-'))).toHaveLength(0);
  });

  it('is gone when the content fails', async () => {
    const error = new AppError('SourceRefused', { message: 'gone' });
    const storage = new MemoryStorage({ file: { data: DATA } }, { faults: [{ at: 500_000, error }] });
    expect(await rejection((await contentOf(storage)).local())).toBe(error);
  });

  it.each([null, 'Zip', 'Gzip', 'Snappy'] as const)(
    'is gone when the content is closed while it is written: %s',
    async (compression) => {
      const storage = new MemoryStorage({ file: { data: DATA } }, { faults: [{ at: 100 }] });
      const content = await contentOf(storage, { compression });
      const opening = rejection(content.local());
      await until('the storage stands still', () => storage.taken === 100);
      await content.close();
      expect(await opening).toBeInstanceOf(Error);
      await until('the transfer has ended', () => storage.transfers === 0);
    },
  );

  it('ends with the signal while it is written', async () => {
    const controller = new AbortController();
    const storage = new MemoryStorage({ file: { data: DATA } }, { faults: [{ at: 100 }] });
    const opening = rejection((await contentOf(storage, { signal: controller.signal })).local());
    await until('the storage stands still', () => storage.taken === 100);
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await opening).toBe(reason);
  });

  it('says when there is no space left', async () => {
    const full = await open('/dev/full', 'r+');
    try {
      const content = async function* () {
        yield DATA;
      };
      expect(await rejection(writeAll(full, content(), 'a.parquet'))).toMatchObject({
        code: 'SourceUnavailable',
        message: expect.stringContaining('file "a.parquet": it needs a temporary file, but there is no space left'),
      });
    } finally {
      await full.close();
    }
  });

  it('says when it cannot be made', async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = path.join(tmpdir(), 'penstock-is-not-there');
    try {
      expect(await rejection(spool((async function* () {})(), 'a.parquet'))).toMatchObject({
        code: 'SourceUnavailable',
        message: expect.stringContaining('cannot be written (ENOENT)'),
      });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});
