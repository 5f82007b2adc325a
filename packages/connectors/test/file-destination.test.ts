import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { AppError } from '@penstock/domain';
import type { FileRequest } from '@penstock/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { defineFileStorage, type FileStorageConnector } from '../src/connector.js';
import { csv } from '../src/csv/csv.js';
import { cannotWrite } from '../src/files/destination-error.js';
import { destinationPath, destinationPathProblem } from '../src/files/destination-path.js';
import { type FileDestinationDefinition, openFileDestination } from '../src/files/file-destination.js';
import { openFileSource } from '../src/files/file-source.js';
import type { FileAccess, FileUpload } from '../src/files/file-storage.js';
import { filesystem } from '../src/filesystem/filesystem.js';
import { httpGet } from '../src/http/http-get.js';
import { owner } from './file-upload-conformance.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';

const startTime = new Date('2035-10-30T16:33:25.678Z');
const request: FileRequest = {
  owner: owner(),
  columns: [
    { name: 'id', type: { kind: 'int', bitSize: 32 } },
    { name: 'email', type: { kind: 'string' } },
  ],
  startTime,
};
const definition: FileDestinationDefinition = {
  path: 'users.csv',
  format: csv.openForWriting({}),
  extension: 'csv',
  sheet: null,
  compression: null,
};
const rows = Array.from({ length: 500 }, (_, index) => [index, `user-${index}@example.com`]);

async function place(): Promise<{ root: string; access: FileAccess }> {
  const root = await mkdtemp(path.join(tmpdir(), 'penstock-destination-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return { root, access: { filesystemRoot: root, allowPrivateNetworks: true, maxFileBytes: 2 ** 40 } };
}

const text = (batches: number) =>
  `id,email\n${rows
    .map(([id, email]) => `${id},${email}\n`)
    .join('')
    .repeat(batches)}`;

describe('a file that is exported', () => {
  it('has all rows once it is committed, and is not there before', async () => {
    const { root, access } = await place();
    const destination = openFileDestination(filesystem, {}, access, definition);
    const writer = await destination.open(request, unhurried());
    for (let batch = 0; batch < 20; batch += 1) await writer.write(rows);
    expect((await readdir(root)).filter((name) => !name.startsWith('.'))).toEqual([]);
    await writer.commit();
    expect(await readFile(path.join(root, 'users.csv'), 'utf8')).toBe(text(20));
    expect(await readdir(root)).toEqual(['users.csv']);
    await writer.close();
    await writer.close();
    expect(await readFile(path.join(root, 'users.csv'), 'utf8')).toBe(text(20));
  });

  it.each(['Zip', 'Gzip', 'Snappy'] as const)('can be compressed by %s, and read back', async (compression) => {
    const { access } = await place();
    const defined = { ...definition, compression, path: 'users-${today}' };
    const writer = await openFileDestination(filesystem, {}, access, defined).open(request, unhurried());
    for (let batch = 0; batch < 20; batch += 1) await writer.write(rows);
    await writer.commit();
    const manner = { format: csv.open({}), sheet: null, compression, expected: null };
    const source = openFileSource(filesystem, {}, access, { ...manner, path: 'users-2035-10-30' });
    const reader = await source.open(null, unhurried());
    let count = 0;
    for await (const batch of reader.batches()) count += batch.rows.length;
    await reader.close();
    expect(count).toBe(20 * rows.length);
  });

  it('leaves what was there when it is closed without a commit, also after it was written whole', async () => {
    const { root, access } = await place();
    await writeFile(path.join(root, 'users.csv'), 'before');
    for (const compression of [null, 'Gzip', 'Zip', 'Snappy'] as const) {
      const destination = openFileDestination(filesystem, {}, access, { ...definition, compression });
      const writer = await destination.open(request, unhurried());
      await writer.write(rows);
      await writer.close();
      expect(await readdir(root)).toEqual(['users.csv']);
      expect(await readFile(path.join(root, 'users.csv'), 'utf8')).toBe('before');
    }
  });

  it('ends with the reason of the signal, and leaves nothing', async () => {
    const { root, access } = await place();
    for (const compression of [null, 'Gzip', 'Zip', 'Snappy'] as const) {
      const controller = new AbortController();
      const destination = openFileDestination(filesystem, {}, access, { ...definition, compression });
      const writer = await destination.open(request, controller.signal);
      await writer.write(rows);
      const reason = new Error('stopped by the test');
      controller.abort(reason);
      expect(await rejection(writer.commit())).toBe(reason);
      await writer.close();
      expect(await readdir(root)).toEqual([]);
    }
  });

  it('is not committed by an attempt that was given up', async () => {
    const { root, access } = await place();
    const destination = openFileDestination(filesystem, {}, access, definition);
    const stopped = await destination.open(request, unhurried());
    await stopped.write(rows);
    const later = await destination.open({ ...request, owner: owner(1, 2) }, unhurried());
    expect(await rejection(stopped.commit())).toMatchObject({ code: 'DestinationUnavailable' });
    await stopped.close();
    await later.write(rows);
    await later.commit();
    expect(await readFile(path.join(root, 'users.csv'), 'utf8')).toBe(text(1));
  });

  it('cannot be of a storage that is only read', async () => {
    const { access } = await place();
    const destination = openFileDestination(httpGet, { host: 'localhost' }, access, definition);
    expect(await rejection(destination.open(request, unhurried()))).toMatchObject({ code: 'DestinationRefused' });
  });
});

/** A storage whose upload does as it is told. */
function storageWith(
  content: Writable,
  seen: { events: string[]; type?: string } = { events: [] },
): FileStorageConnector {
  const upload: FileUpload = {
    content: content.on('error', () => undefined),
    commit: async () => void seen.events.push(content.writableFinished ? 'commit' : 'commit too early'),
    discard: async () => {
      content.destroy();
      seen.events.push('discard');
    },
  };
  return defineFileStorage({
    code: 'told',
    label: 'Told',
    settingsSchema: z.strictObject({}),
    roles: ['Destination'],
    hasPatterns: false,
    open: () => ({
      absolutePath: (name) => name,
      find: async () => [],
      open: async () => Promise.reject(new Error('not read')),
      create: async ({ contentType }) => {
        seen.type = contentType;
        return upload;
      },
      close: async () => void seen.events.push('close'),
    }),
    test: async () => undefined,
  });
}

describe('the way of a file', () => {
  it.each([
    [null, 'text/csv; charset=utf-8'],
    ['Zip', 'application/zip'],
    ['Gzip', 'application/gzip'],
    ['Snappy', 'application/x-snappy-framed'],
  ] as const)(
    'with compression %s has the type %s, and is committed when the storage has all of it',
    async (compression, type) => {
      const { access } = await place();
      const seen: { events: string[]; type?: string } = { events: [] };
      const slow = new Writable({ write: (_chunk, _encoding, done) => void setTimeout(done, 20) });
      const destination = openFileDestination(storageWith(slow, seen), {}, access, { ...definition, compression });
      const writer = await destination.open(request, unhurried());
      await writer.write(rows);
      await writer.commit();
      await writer.close();
      expect(seen).toEqual({ events: ['commit', 'close'], type });
    },
  );

  it.each([null, 'Zip', 'Gzip', 'Snappy'] as const)(
    'with compression %s ends with what the storage says',
    async (compression) => {
      const { access } = await place();
      const seen = { events: [] as string[] };
      const refusal = cannotWrite('there is no room for it');
      const full = new Writable({ write: (_chunk, _encoding, done) => done(refusal) });
      const destination = openFileDestination(storageWith(full, seen), {}, access, { ...definition, compression });
      const writer = await destination.open(request, unhurried());
      const writing = async () => {
        for (let batch = 0; batch < 500; batch += 1) await writer.write(rows);
        await writer.commit();
      };
      expect(await rejection(writing())).toBe(refusal);
      await writer.close();
      expect(seen.events).toEqual(['discard', 'close']);
    },
  );

  it('is no faster than the storage', async () => {
    const { access } = await place();
    let done = () => {};
    const stalled = new Writable({
      write: (_chunk, _encoding, callback) => {
        done = callback;
      },
    });
    const destination = openFileDestination(storageWith(stalled), {}, access, definition);
    const writer = await destination.open(request, unhurried());
    let written = 0;
    const writing = (async () => {
      for (; written < 1_000; written += 1) await writer.write(rows);
    })().catch(() => undefined);
    let [looks, before] = [0, -1];
    await until('nothing more is taken', () => {
      looks = written === before ? looks + 1 : 0;
      before = written;
      return looks === 10;
    });
    expect(written).toBeLessThan(10);
    done();
    await writer.close();
    await writing;
  });

  it('says what a failure of the system was', async () => {
    const { access } = await place();
    const broken = new Writable({ write: (_c, _e, done) => done(Object.assign(new Error('EIO'), { code: 'EIO' })) });
    const writer = await openFileDestination(storageWith(broken), {}, access, definition).open(request, unhurried());
    await writer.write(rows).catch(() => undefined);
    const error = await rejection(writer.commit());
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'DestinationUnavailable' });
    await writer.close();
  });
});

describe('placeholders in a path', () => {
  it.each([
    ['users.csv', 'users.csv'],
    ['${today}.csv', '2035-10-30.csv'],
    ['a/${ NOW }/${Unix}', 'a/2035-10-30-16-33-25/2077374805'],
    ['${today}${today}', '2035-10-302035-10-30'],
    ['$today {now}', '$today {now}'],
  ])('%s is %s', (pattern, expected) => {
    expect(destinationPathProblem(pattern)).toBe(null);
    expect(destinationPath(pattern, startTime)).toBe(expected);
  });

  it.each([
    ['a-${tomorrow}', 'has a placeholder "tomorrow" that does not exist: use ${today}, ${now} or ${unix}'],
    ['${}', 'has a placeholder "" that does not exist: use ${today}, ${now} or ${unix}'],
    ['a${today', 'has a placeholder that is not closed: "}" is missing after "${today"'],
  ])('%s %s', (pattern, problem) => {
    expect(destinationPathProblem(pattern)).toBe(problem);
    expect(() => destinationPath(pattern, startTime)).toThrow(
      expect.objectContaining({ code: 'InvalidPath', message: `path ${problem}` }),
    );
  });
});
