import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FileStorage } from '../src/files/file-storage.js';
import { writeBytes } from '../src/files/write-bytes.js';
import { partBytes } from '../src/s3/part-bytes.js';
import { s3 } from '../src/s3/s3.js';
import { begin, fill, owner, put, uploadConformance } from './file-upload-conformance.js';
import { rejection } from './read-source.js';
import { OPEN_ACCESS } from './read-storage.js';
import { type PlainS3, startPlainS3 } from './s3-server.js';
import { startProxy } from './tcp-server.js';
import { until } from './until.js';

const MIB = 1024 * 1024;

uploadConformance('s3', async () => {
  const server = await startPlainS3();
  // Between the two, so that connections can be cut.
  const proxy = await startProxy({ host: '127.0.0.1', port: server.port });
  const settings = { ...server.settings, endpoint: `http://127.0.0.1:${proxy.port}` };
  return {
    open: () => s3.open(settings, OPEN_ACCESS),
    look: async (path) => server.object(path) ?? null,
    leftovers: async () => server.uploads.open.size,
    fences: true,
    invalidPaths: ['', 'a/', `${'a'.repeat(1_025)}`, 'a\0b'],
    secrets: [String(server.settings.secretAccessKey)],
    // Requests are tried again: from now on there is nothing until the upload has failed.
    cut: async () => {
      server.fail({ status: 503, code: 'SlowDown' });
      proxy.cut();
    },
    restore: () => server.fail(null),
    working: async () => server.connections(),
    stop: async () => {
      await proxy.stop();
      await server.stop();
    },
  };
});

describe('an object of S3', () => {
  async function place(settings: Record<string, unknown> = {}): Promise<{ server: PlainS3; storage: FileStorage }> {
    const server = await startPlainS3();
    const storage = s3.open({ ...server.settings, ...settings }, OPEN_ACCESS);
    onTestFinished(async () => {
      await storage.close();
      await server.stop();
    });
    return { server, storage };
  }

  it('is uploaded in parts of 8 MiB, two at a time, whatever its size', async () => {
    const { server, storage } = await place();
    server.uploads.beforePart = () =>
      until('another part comes', () => server.uploads.receiving === 2, 300).catch(() => {});
    const data = randomBytes(50 * MIB);
    await put(storage, 'large.bin', data);
    expect(server.object('large.bin')?.equals(data)).toBe(true);
    expect(server.uploads.partBytes.toSorted((a, b) => b - a)).toEqual([...Array(6).fill(8 * MIB), 2 * MIB]);
    expect(server.uploads.mostReceiving).toBe(2);
  });

  it('holds back whoever writes while the service is slower', async () => {
    const { server, storage } = await place();
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    server.uploads.beforePart = () => held;
    const upload = await begin(storage, 'slow.bin');
    let written = 0;
    const data = randomBytes(64 * MIB);
    const filling = (async () => {
      for (; written < data.length; written += MIB)
        await writeBytes(upload.content, data.subarray(written, written + MIB));
    })();
    await until('two parts are on their way', () => server.uploads.receiving === 2);
    let [looks, before] = [0, -1];
    await until('nothing more is taken', () => {
      looks = written === before ? looks + 1 : 0;
      before = written;
      return looks === 15;
    });
    expect(written).toBeLessThan(28 * MIB);
    go();
    await filling;
    await fill(upload, Buffer.from('.'));
    await upload.commit();
    expect(server.object('slow.bin')?.length).toBe(data.length + 1);
  });

  it('has the content type, and the prefix', async () => {
    const { server, storage } = await place({ prefix: 'exports/' });
    await put(storage, '/users.txt', Buffer.from('text'));
    expect(String(server.object('exports/users.txt'))).toBe('text');
    expect(server.uploads.types.get('exports/users.txt')).toBe('text/plain');
  });

  it('lets unfinished uploads of other keys be, and those of its own that were begun later', async () => {
    const { server, storage } = await place();
    const { uploads } = server;
    uploads.pageSize = 2;
    const others = ['users.txt.bak', 'users.tx', 'a', 'users.txt/b'].map((key) => uploads.begin(key).id);
    const earlier = [1, 2, 3, 4, 5].map(() => uploads.begin('users.txt').id);
    uploads.clock += 3_600_000;
    const later = uploads.begin('users.txt').id;
    uploads.clock -= 3_602_000;
    const upload = await begin(storage, 'users.txt');
    expect([...uploads.open.keys()].filter((id) => earlier.includes(id))).toEqual([]);
    expect([...uploads.open.keys()]).toEqual(expect.arrayContaining([...others, later]));
    await fill(upload, Buffer.from('text'));
    await upload.commit();
    expect([...uploads.open.keys()].toSorted()).toEqual([...others, later].toSorted());
  });

  it('is not written where earlier attempts cannot be looked for, and leaves nothing then', async () => {
    const { server, storage } = await place();
    server.uploads.refused = { operation: 'GET uploads', status: 403, code: 'AccessDenied' };
    const error = await rejection(begin(storage, 'users.txt'));
    expect(error).toMatchObject({
      code: 'DestinationRefused',
      message:
        'the access key may not write s3://penstock-test/users.txt: check path and prefix, and allow it s3:PutObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads',
    });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(String(server.settings.secretAccessKey));
    expect(server.uploads.open.size).toBe(0);
  });

  it.each([
    ['PUT part', 403, 'AccessDenied', 'DestinationRefused'],
    ['PUT part', 507, 'XMinioStorageFull', 'DestinationUnavailable'],
    ['PUT part', 418, 'Teapot', 'DestinationRefused'],
    ['POST upload', 503, 'SlowDown', 'DestinationUnavailable'],
    ['POST uploads', 404, 'NoSuchBucket', 'DestinationRefused'],
    ['POST uploads', 501, 'NotImplemented', 'DestinationRefused'],
  ])('fails when the service answers %s with %i %s, and leaves nothing', async (operation, status, code, expected) => {
    const { server, storage } = await place();
    await server.put('users.txt', 'before');
    server.uploads.refused = { operation, status, code };
    const writing = async () => {
      const upload = await begin(storage, 'users.txt');
      try {
        await fill(upload, randomBytes(9 * MIB));
        await upload.commit();
      } finally {
        await upload.discard();
      }
    };
    expect(await rejection(writing())).toMatchObject({ code: expected });
    expect(server.uploads.open.size).toBe(0);
    expect(String(server.object('users.txt'))).toBe('before');
  });

  it('sends a part again that failed once', async () => {
    const { server, storage } = await place();
    server.uploads.refused = { operation: 'PUT part', status: 500, code: 'InternalError', times: 1 };
    const upload = await begin(storage, 'users.txt');
    await fill(upload, Buffer.from('text'));
    await upload.commit();
    expect(server.requests.filter(({ url }) => url?.includes('partNumber') === true)).toHaveLength(2);
    expect(String(server.object('users.txt'))).toBe('text');
  });

  it('is aborted while parts are on their way', async () => {
    const { server, storage } = await place();
    let go = () => {};
    server.uploads.beforePart = () =>
      new Promise<void>((resolve) => {
        go = resolve;
      });
    const upload = await begin(storage, 'users.txt', { of: owner() });
    await writeBytes(upload.content, randomBytes(9 * MIB));
    await until('a part is on its way', () => server.uploads.receiving > 0);
    await upload.discard();
    go();
    expect(server.uploads.open.size).toBe(0);
  });

  it('may have as many bytes as S3 allows with 10,000 parts, which stay small for what is not huge', () => {
    let bytes = 0;
    for (let part = 1; part <= 10_000; part += 1) bytes += partBytes(part);
    expect(bytes).toBeGreaterThan(5 * 1024 ** 4);
    expect(partBytes(1_000)).toBe(8 * MIB);
    expect(partBytes(10_000)).toBeLessThanOrEqual(5 * 1024 ** 3);
  });
});
