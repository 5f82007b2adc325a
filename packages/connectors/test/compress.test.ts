import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { COMPRESSIONS, type Compression } from '@penstock/domain';
import fc from 'fast-check';
import { uncompressSync } from 'snappy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compressor, entryName } from '../src/files/compress.js';
import { gunzip } from '../src/files/decompress.js';
import { unframeSnappy } from '../src/files/snappy-framing.js';
import { writeBytes } from '../src/files/write-bytes.js';
import { openZipEntry } from '../src/files/zip-entry.js';
import { endOfArchive, localHeader } from '../src/files/zip-records.js';
import { contentOf } from './read-format.js';
import { unhurried } from './read-source.js';
import { until } from './until.js';

const time = new Date('2035-10-30T16:33:25Z');

async function through(compression: Compression, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const stream = compressor({ compression, name: 'users.csv', time });
  const collected = buffer(stream);
  for (const piece of pieces) await writeBytes(stream, piece);
  stream.end();
  return await collected;
}

async function decompressed(compression: Compression, bytes: Buffer): Promise<Buffer> {
  const content = contentOf(bytes);
  switch (compression) {
    case 'Gzip':
      return await buffer(gunzip(content.stream()));
    case 'Snappy':
      return await buffer(unframeSnappy(content.stream()));
    case 'Zip': {
      const entry = await openZipEntry(await content.local(), unhurried());
      expect(entry.modifiedAt).toEqual(time);
      return await buffer(entry.content());
    }
  }
}

describe.each(COMPRESSIONS)('%s', (compression) => {
  it('is read back, whatever it is and in whatever pieces it comes', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(200_000), fc.nat(255)).map(([length, byte]) => new Uint8Array(length).fill(byte)),
      fc.nat(70_000).map((length) => Buffer.from(Array.from({ length }, (_, index) => (index * index * 31) >> 3))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const bytes = await through(compression, pieces);
        expect((await decompressed(compression, bytes)).equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('makes text smaller', async () => {
    const text = Buffer.from('1,Ann,ann@example.com\n'.repeat(50_000));
    expect((await through(compression, [text])).length).toBeLessThan(text.length / 5);
  });

  it('holds back whoever writes, and holds little', async () => {
    const stream = compressor({ compression, name: 'users.csv', time });
    let go = () => {};
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        go = done;
      },
    });
    stream.pipe(slow);
    // Bytes that cannot be made fewer.
    const noise = Buffer.from(Array.from({ length: 1024 * 1024 }, () => Math.floor(Math.random() * 256)));
    let taken = 0;
    const writing = (async () => {
      for (; taken < 32; taken += 1) await writeBytes(stream, noise);
    })().catch(() => undefined);
    let [looks, before] = [0, -1];
    await until('nothing more is taken', () => {
      looks = taken === before ? looks + 1 : 0;
      before = taken;
      return looks === 15;
    });
    expect(taken).toBeLessThan(4);
    go();
    stream.destroy();
    await writing;
  });
});

describe('what others have written', () => {
  it('gunzip reads gzip', async () => {
    expect(gunzipSync(await through('Gzip', [Buffer.from('text')])).toString()).toBe('text');
  });

  it('python reads zip, with its name and its time, and finds no fault', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'penstock-zip-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = path.join(directory, 'a.zip');
    await writeFile(file, await through('Zip', [Buffer.from('a,b\n'.repeat(10_000))]));
    const program =
      'import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);i=z.infolist()[0];print(z.testzip(),i.filename,i.date_time,i.file_size,len(z.read(i)))';
    const { stdout } = await promisify(execFile)('python3', ['-c', program, file]);
    expect(stdout.trim()).toBe('None users.csv (2035, 10, 30, 16, 33, 24) 40000 40000');
  });

  it('snappy reads the blocks of snappy', async () => {
    const bytes = await through('Snappy', [Buffer.from('text '.repeat(1_000))]);
    expect(bytes.subarray(0, 10).toString('latin1')).toBe('\xff\x06\x00\x00sNaPpY');
    expect(bytes.readUInt8(10)).toBe(0);
    const length = bytes.readUIntLE(11, 3);
    expect(String(uncompressSync(bytes.subarray(18, 14 + length)))).toBe('text '.repeat(1_000));
  });

  it('sizes beyond 4 GiB are numbers of 64 bits, and others are not', () => {
    const record = { name: Buffer.from('a'), time, crc: 1, size: 5 * 2 ** 30, compressedSize: 2 ** 32 };
    const large = endOfArchive(record);
    expect(large.includes(Buffer.from('PK\x06\x06'))).toBe(true);
    expect(large.readBigUInt64LE(8)).toBe(BigInt(2 ** 32));
    expect(large.readBigUInt64LE(16)).toBe(BigInt(5 * 2 ** 30));
    const at = large.indexOf('PK\x06\x06');
    expect(large.readBigUInt64LE(at + 48)).toBe(BigInt(localHeader(record).length + 2 ** 32 + 24));
    expect(large.indexOf('PK\x06\x07')).toBe(at + 56);
    const small = endOfArchive({ ...record, size: 3, compressedSize: 5 });
    expect(small.includes(Buffer.from('PK\x06\x06'))).toBe(false);
  });
});

it.each([
  ['users.csv.zip', 'users.csv'],
  ['exports/users.zip', 'users.csv'],
  ['exports/users.ZIP', 'users.csv'],
  ['users', 'users.csv'],
  ['a.b/users', 'users.csv'],
  ['users.txt', 'users.txt'],
  ['/in?file=a/b', 'in.csv'],
  ['.zip', 'file.csv'],
  ['..zip', 'file.csv'],
  ['a\\b:c.zip', 'a_b_c.csv'],
])('the file in the archive %s is %s', (archive, name) => {
  expect(entryName(archive, 'csv')).toBe(name);
});
