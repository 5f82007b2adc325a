import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FileStorage } from '../src/files/file-storage.js';
import { s3 } from '../src/s3/s3.js';
import { rejection, unhurried } from './read-source.js';
import { bytesOf, OPEN_ACCESS, pathsOf } from './read-storage.js';
import { type PlainS3, type S3Test, startPlainS3, startS3rver } from './s3-server.js';
import { until } from './until.js';

/** Where s3rver has no second page to tell of, which it cannot. */
const ONE_FILE = 'exports/2030/deep/';

const BIG = randomBytes(3_000_000);

describe('s3 with s3rver', () => {
  let server: S3Test;
  let storage: FileStorage;
  beforeAll(async () => {
    server = await startS3rver();
    storage = s3.open(server.settings, OPEN_ACCESS);
    await server.put('big.bin', BIG);
    await server.put('empty', '');
    await server.put('exports/2030/users 1+ü.csv', 'one');
    await server.put('exports/2030/users 2.csv', 'two');
    await server.put('exports/2030/deep/users 3.csv', 'three');
    await server.put('odd[1].csv', 'odd');
  });
  afterAll(async () => {
    await storage.close();
    await server.stop();
  });

  it('passes the test of settings that are right', async () => {
    const settings = { ...server.settings, prefix: ONE_FILE };
    await expect(s3.test(settings, OPEN_ACCESS, unhurried())).resolves.toBeUndefined();
  });

  it('reads all bytes of a file, and what it says about it', async () => {
    expect(BIG.equals(await bytesOf(storage, 'big.bin'))).toBe(true);
    expect((await bytesOf(storage, 'empty')).length).toBe(0);
    const [file] = await storage.find('/big.bin', unhurried());
    expect(file).toEqual({
      path: 'big.bin',
      size: BIG.length,
      modifiedAt: expect.any(Date),
      version: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
  });

  it.each([1, 65_536, 1_234_567, BIG.length - 1, BIG.length])('reads from offset %i on', async (offset) => {
    expect(BIG.subarray(offset).equals(await bytesOf(storage, 'big.bin', offset))).toBe(true);
  });

  it('finds the files of a pattern in their order, and one whose key is the pattern itself', async () => {
    expect(await pathsOf(storage, 'exports/2030/*.csv')).toEqual([
      'exports/2030/users 1+ü.csv',
      'exports/2030/users 2.csv',
    ]);
    expect(await pathsOf(storage, '**/*3.csv')).toEqual(['exports/2030/deep/users 3.csv']);
    expect(await pathsOf(storage, 'odd[1].csv')).toEqual(['odd[1].csv']);
    expect((await bytesOf(storage, 'exports/2030/users 1+ü.csv')).toString()).toBe('one');
  });

  it('begins paths at the prefix', async () => {
    const below = s3.open({ ...server.settings, prefix: 'exports/2030/' }, OPEN_ACCESS);
    expect(below.absolutePath('/users.csv')).toBe('s3://penstock-test/exports/2030/users.csv');
    expect(await pathsOf(below, '*2.csv')).toEqual(['users 2.csv']);
    expect((await bytesOf(below, 'users 2.csv')).toString()).toBe('two');
    await below.close();
  });

  it.each([
    ['missing.csv', 's3://penstock-test/missing.csv does not exist: check path and prefix'],
    ['missing/*.csv', 'no file matches s3://penstock-test/missing/*.csv: check path and prefix'],
  ])('says that %s is not there', async (path, message) => {
    expect(await rejection(storage.find(path, unhurried()))).toMatchObject({ code: 'SourceRefused', message });
  });
});

describe('s3', () => {
  let server: PlainS3;
  let storage: FileStorage;
  beforeEach(async () => {
    server = await startPlainS3();
    storage = s3.open(server.settings, OPEN_ACCESS);
  });
  afterEach(async () => {
    await storage.close();
    await server.stop();
  });

  it('reads lists of several pages, with names that XML cannot have', async () => {
    for (let index = 0; index < 2_500; index += 1) await server.put(`many/${index}.csv`, '');
    await server.put('many/\u0001 +%.csv', '');
    await server.put('many/directory.csv/', '');
    const paths = await pathsOf(storage, 'many/*.csv');
    expect(paths.length).toBe(2_501);
    expect(paths[0]).toBe('many/\u0001 +%.csv');
    expect(paths).toEqual([...paths].sort());
  });

  it('reads a key that begins with a slash', async () => {
    await server.put('/odd.csv', 'odd');
    for (const path of ['//odd.csv', '//*.csv']) {
      expect(await pathsOf(storage, path)).toEqual(['//odd.csv']);
      expect((await bytesOf(storage, path)).toString()).toBe('odd');
    }
    expect(await bytesOf(storage, '//odd.csv', 3)).toHaveLength(0);
  });

  it('refuses a pattern that stands for too many files', async () => {
    for (let index = 0; index <= 10_000; index += 1) await server.put(`${index}`, '');
    expect(await rejection(storage.find('*', unhurried()))).toMatchObject({
      code: 'SourceRefused',
      message: 's3://penstock-test/* stands for too many files: it matches more than 10000 files',
    });
  });

  it('goes on only with the file that it began with', async () => {
    await server.put('users.csv', 'first version');
    const [file] = await storage.find('users.csv', unhurried());
    if (file === undefined) throw new Error('no file');
    await server.put('users.csv', 'other version');
    for (const offset of [5, 13]) {
      expect(await rejection(storage.open(file, offset, unhurried()))).toMatchObject({
        code: 'SourceUnavailable',
        details: { changed: true },
      });
    }
    expect(server.requests.some(({ headers }) => headers['if-match'] === file.version)).toBe(true);
    const { file: opened, content } = await storage.open(file, 0, unhurried());
    expect(opened.version).not.toBe(file.version);
    content.destroy();
  });

  it('goes on only with the file that it began with where the service says no ETag', async () => {
    server.tell('no ETag');
    await server.put('users.csv', 'first version');
    const [file] = await storage.find('users.csv', unhurried());
    const [listed] = await storage.find('*.csv', unhurried());
    if (file === undefined || listed === undefined) throw new Error('no file');
    expect(listed.version).toBe(file.version);
    expect((await bytesOf(storage, 'users.csv', 5)).toString()).toBe(' version');
    expect(server.requests.some(({ headers }) => 'if-match' in headers)).toBe(false);
    for (const body of ['other version', 'longer version', 'less']) {
      await server.put('users.csv', body);
      for (const offset of [5, 13]) {
        expect(await rejection(storage.open(file, offset, unhurried()))).toMatchObject({
          code: 'SourceUnavailable',
          message: 'file "users.csv": the file changed while it was read; run again when it is complete',
          details: { changed: true },
        });
      }
    }
  });

  it('does not go on where the service says nothing that tells one version from another', async () => {
    server.tell('nothing');
    await server.put('users.csv', 'one version');
    expect((await bytesOf(storage, 'users.csv')).toString()).toBe('one version');
    for (const offset of [5, 11]) {
      expect(await rejection(bytesOf(storage, 'users.csv', offset))).toMatchObject({
        code: 'SourceUnavailable',
        message: `s3://penstock-test/users.csv: reading was interrupted, and cannot go on there because 127.0.0.1:${server.port} says neither ETag nor Last-Modified; run again`,
        details: { changed: true },
      });
    }
  });

  it.each([
    { status: 503, code: 'SlowDown' },
    { status: 400, code: 'ExpiredToken' },
  ])('takes a path for a pattern only when there is no file of that name, not after %o', async (failure) => {
    await server.put('odd[1].csv', 'odd');
    await server.put('odd1.csv', 'even');
    server.fail({ ...failure, listsAnyway: true });
    expect(await rejection(storage.find('odd[1].csv', unhurried()))).toMatchObject({
      code: failure.status === 503 ? 'SourceUnavailable' : 'SourceRefused',
    });
  });

  it.each([403, 404])(
    'takes a path for a pattern when the file of that name is not there, or hidden (%i)',
    async (status) => {
      await server.put('odd1.csv', 'even');
      server.fail({ status, code: status === 403 ? 'AccessDenied' : 'NoSuchKey', listsAnyway: true });
      expect(await pathsOf(storage, 'odd[1].csv')).toEqual(['odd1.csv']);
    },
  );

  it('fails when a transfer is cut short', async () => {
    await server.put('big', BIG);
    server.cutAfter(1_000_000);
    expect(await rejection(bytesOf(storage, 'big'))).toMatchObject({
      code: 'SourceUnavailable',
      message: `127.0.0.1:${server.port} closed the connection: check endpoint, if that happens again`,
    });
  });

  it('ends a transfer within a second when it is aborted, and leaves no connection', async () => {
    await server.put('big', BIG);
    server.stallAfter(100_000);
    const controller = new AbortController();
    const [file] = await storage.find('big', controller.signal);
    if (file === undefined) throw new Error('no file');
    const { content } = await storage.open(file, 0, controller.signal);
    const read = rejection(content.toArray());
    await until('some bytes', () => server.sent() >= 100_000);
    const reason = new Error('stop');
    controller.abort(reason);
    expect(await read).toBe(reason);
    await storage.close();
    await until('no connection', () => server.connections() === 0, 1_000);
  });

  it('ends a question within a second when it is aborted', async () => {
    await server.put('big', BIG);
    const controller = new AbortController();
    const reason = new Error('stop');
    controller.abort(reason);
    expect(await rejection(storage.find('big', controller.signal))).toBe(reason);
  });

  it('takes no more from the service than is read', async () => {
    await server.put('huge', Buffer.alloc(64 * 1024 * 1024));
    const [file] = await storage.find('huge', unhurried());
    if (file === undefined) throw new Error('no file');
    const { content } = await storage.open(file, 0, unhurried());
    await content[Symbol.asyncIterator]().next();
    let last = -1;
    // The buffers of the two sockets fill, and then nothing moves.
    await until('a standstill', async () => {
      const before = last;
      for (let count = 0; count < 100; count += 1) await turn();
      last = server.sent();
      return last === before;
    });
    expect(server.sent()).toBeLessThan(32 * 1024 * 1024);
    content.destroy();
    await until('no transfer', () => server.connections() === 0);
  });
});
