import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FileStorage, OpenedFile, StoredFile } from '../src/files/file-storage.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';

/** What the suite needs of a place with files to show that a storage reads it as the port demands. */
export interface StorageHarness {
  /** A storage of that place that nobody else uses. */
  open(): FileStorage;
  readonly hasPatterns: boolean;
  /** Puts a file there, in the place of one that has the path. */
  put(path: string, data: Uint8Array): Promise<void>;
  /** Removes a file; absent where the place of the test cannot. */
  remove?(path: string): Promise<void>;
  /** Paths that no file can have. */
  readonly invalidPaths: readonly string[];
  /** What must not be in any error. */
  readonly secrets: readonly string[];
  /** Ends all connections, as a network does; absent where there are none. */
  cut?(): Promise<void>;
  /** Connections, or open files, of the storages; absent where that cannot be told. */
  working?(): Promise<number>;
  stop(): Promise<void>;
}

type Use = (storage: FileStorage, harness: StorageHarness) => Promise<void>;

/** Larger than what networks and streams hold by themselves. */
const LARGE = randomBytes(48 * 1024 * 1024);
const SMALL = randomBytes(300_000);
const MAX_HELD_BYTES = 8 * 1024 * 1024;
const STEADY_LOOKS = 15;

/** The guarantees of the port, for any storage of files. `start` is called once. */
export function storageConformance(name: string, start: () => Promise<StorageHarness>): void {
  describe(`${name} as a storage of files`, () => {
    let harness: StorageHarness;
    const opened: FileStorage[] = [];
    beforeAll(async () => {
      harness = await start();
      await harness.put('large.bin', LARGE);
      await harness.put('small.bin', SMALL);
    });
    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close();
      await until('nothing is open any more', async () => ((await harness.working?.()) ?? 0) === 0);
    });
    afterAll(async () => {
      await harness.stop();
    });
    /** Runs a test with a storage of its own. */
    const using = (use: Use) => async () => {
      const storage = harness.open();
      opened.push(storage);
      await use(storage, harness);
    };
    readsFiles(using);
    findsFiles(using);
    knowsVersions(using);
    endsWhenTold(using);
  });
}

type Using = (use: Use) => () => Promise<void>;

function readsFiles(using: Using): void {
  it(
    'delivers all bytes of a file, whatever its size',
    using(async (storage, { put }) => {
      for (const size of [0, 1, 65_536, 1_234_567]) {
        const data = randomBytes(size);
        await put(`size-${size}.bin`, data);
        expect((await bytesOf(storage, `size-${size}.bin`)).equals(data), `${size} bytes`).toBe(true);
      }
    }),
  );

  it(
    'delivers all bytes from an offset on',
    using(async (storage) => {
      for (const offset of [1, 65_536, 123_457, SMALL.length - 1]) {
        expect((await bytesOf(storage, 'small.bin', offset)).equals(SMALL.subarray(offset)), `${offset}`).toBe(true);
      }
      expect(await bytesOf(storage, 'small.bin', SMALL.length)).toHaveLength(0);
    }),
  );

  it(
    'says what it knows of a file',
    using(async (storage) => {
      const file = await find(storage, 'small.bin');
      const { file: known, content } = await storage.open(file, 0, unhurried());
      content.destroy();
      expect([null, SMALL.length]).toContain(file.size);
      expect([null, SMALL.length]).toContain(known.size);
      for (const time of [file.modifiedAt, known.modifiedAt]) {
        if (time !== null) expect(Number.isFinite(time.getTime())).toBe(true);
      }
      expect(storage.absolutePath('small.bin')).toContain('small.bin');
    }),
  );

  it(
    'reads several files at a time, each for itself',
    using(async (storage) => {
      const offsets = [0, 1_000, 200_000, 0];
      const results = await Promise.all(offsets.map((offset) => bytesOf(storage, 'small.bin', offset)));
      expect(results.map((bytes, index) => bytes.equals(SMALL.subarray(offsets[index])))).not.toContain(false);
    }),
  );

  it(
    'holds little of a file while its consumer is busy, and goes on afterwards',
    using(async (storage) => {
      const { content } = await opened(storage, 'large.bin');
      const chunks = content[Symbol.asyncIterator]();
      const first = (await chunks.next()).value as Buffer;
      let [looks, held] = [0, -1];
      await until('the transfer is held back', () => {
        looks = content.readableLength === held ? looks + 1 : 0;
        held = content.readableLength;
        return looks === STEADY_LOOKS;
      });
      expect(held).toBeLessThan(MAX_HELD_BYTES);
      const rest: Buffer[] = [];
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) rest.push(next.value as Buffer);
      expect(Buffer.concat([first, ...rest]).equals(LARGE)).toBe(true);
    }),
  );

  it(
    'never takes a transfer that is cut short for a whole file',
    using(async (storage, { cut }) => {
      if (cut === undefined) return;
      const { content } = await opened(storage, 'large.bin');
      const chunks = content[Symbol.asyncIterator]();
      await chunks.next();
      await cut();
      const reading = async () => {
        while (!(await chunks.next()).done);
      };
      expect(await rejection(reading())).toBeInstanceOf(Error);
      expect((await bytesOf(storage, 'small.bin')).equals(SMALL)).toBe(true);
    }),
  );

  it(
    'opens a file of this machine itself',
    using(async (storage) => {
      if (storage.openLocal === undefined) return;
      const handle = await storage.openLocal(await find(storage, 'small.bin'), unhurried());
      expect((await handle.readFile()).equals(SMALL)).toBe(true);
      await handle.close();
    }),
  );
}

function findsFiles(using: Using): void {
  it(
    'refuses a path at which there is no file, whenever that turns out',
    using(async (storage, { put, remove }) => {
      expect(await rejection(bytesOf(storage, 'missing.csv'))).toMatchObject({ code: 'SourceRefused' });
      if (remove === undefined) return;
      await put('removed.csv', SMALL);
      const file = await find(storage, 'removed.csv');
      await remove('removed.csv');
      expect(await rejection(read(storage, file))).toMatchObject({ code: 'SourceRefused' });
    }),
  );

  it(
    'refuses paths that no file can have',
    using(async (storage, { invalidPaths }) => {
      expect(invalidPaths.length).toBeGreaterThan(0);
      for (const path of invalidPaths) {
        expect.soft(() => storage.absolutePath(path), path).toThrow(expect.objectContaining({ code: 'InvalidPath' }));
        expect.soft(await rejection(storage.find(path, unhurried())), path).toMatchObject({ code: 'InvalidPath' });
      }
    }),
  );

  it(
    'finds the files of a pattern in the order of their paths',
    using(async (storage, { hasPatterns, put }) => {
      if (!hasPatterns) return;
      for (const path of ['p/b.csv', 'p/a.csv', 'p/c.txt', 'p/q/d.csv']) await put(path, SMALL);
      expect((await storage.find('p/*.csv', unhurried())).map(({ path }) => path)).toEqual(['p/a.csv', 'p/b.csv']);
      const [first] = await storage.find('p/*.csv', unhurried());
      expect((await read(storage, first as StoredFile)).equals(SMALL)).toBe(true);
      expect(await rejection(storage.find('p/*.parquet', unhurried()))).toMatchObject({ code: 'SourceRefused' });
    }),
  );

  it(
    'has no secret in an error, nor in an address',
    using(async (storage, { secrets, invalidPaths }) => {
      const shown = [
        storage.absolutePath('small.bin'),
        inspect(await rejection(bytesOf(storage, 'missing.csv')), { depth: 10, showHidden: true }),
        ...(await Promise.all(
          invalidPaths.map(async (path) => inspect(await rejection(storage.find(path, unhurried())))),
        )),
      ];
      for (const secret of secrets) expect(shown.some((text) => text.includes(secret))).toBe(false);
    }),
  );
}

function knowsVersions(using: Using): void {
  it(
    'does not go on in another file than the one that it began',
    using(async (storage, { put }) => {
      await put('changing.bin', SMALL);
      const { file, content } = await opened(storage, 'changing.bin');
      await buffer(content);
      if (file.version === null) return;
      expect((await read(storage, file, 100)).equals(SMALL.subarray(100))).toBe(true);
      await put('changing.bin', randomBytes(SMALL.length + 1));
      expect(await rejection(read(storage, file, 100))).toMatchObject({ code: 'SourceUnavailable' });
    }),
  );
}

function endsWhenTold(using: Using): void {
  it(
    'does not begin when the signal was aborted before',
    using(async (storage) => {
      const file = await find(storage, 'small.bin');
      const reason = new Error('stopped by the test');
      expect(await rejection(storage.find('small.bin', AbortSignal.abort(reason)))).toBe(reason);
      expect(await rejection(storage.open(file, 0, AbortSignal.abort(reason)))).toBe(reason);
    }),
  );

  it(
    'ends a transfer within a second of the signal',
    using(async (storage, { working }) => {
      const controller = new AbortController();
      const file = await find(storage, 'large.bin');
      const { content } = await storage.open(file, 0, controller.signal);
      const chunks = content[Symbol.asyncIterator]();
      await chunks.next();
      const start = performance.now();
      controller.abort(new Error('stopped by the test'));
      const reading = async () => {
        while (!(await chunks.next()).done);
      };
      expect(await rejection(reading())).toBeInstanceOf(Error);
      expect(performance.now() - start).toBeLessThan(1_000);
      await until('the transfer has ended', () => content.closed, 1_000);
      await storage.close();
      await until('nothing is open any more', async () => ((await working?.()) ?? 0) === 0);
    }),
  );

  it(
    'ends a transfer that is destroyed, and can be used further',
    using(async (storage) => {
      const { content } = await opened(storage, 'large.bin');
      for await (const _ of content) break;
      await until('the transfer has ended', () => content.closed, 1_000);
      expect((await bytesOf(storage, 'small.bin')).equals(SMALL)).toBe(true);
    }),
  );

  it(
    'can be closed before it is used, and again',
    using(async (storage) => {
      await storage.close();
      await storage.close();
    }),
  );
}

async function find(storage: FileStorage, path: string): Promise<StoredFile> {
  const [file, ...others] = await storage.find(path, unhurried());
  expect(others).toEqual([]);
  return file as StoredFile;
}

async function opened(storage: FileStorage, path: string): Promise<OpenedFile> {
  return await storage.open(await find(storage, path), 0, unhurried());
}

async function bytesOf(storage: FileStorage, path: string, offset = 0): Promise<Buffer> {
  if (offset === 0) return await read(storage, await find(storage, path));
  // Only a file that was opened has a version for sure.
  const { file, content } = await opened(storage, path);
  content.destroy();
  return await read(storage, file, offset);
}

async function read(storage: FileStorage, file: StoredFile, offset = 0): Promise<Buffer> {
  return await buffer((await storage.open(file, offset, unhurried())).content);
}
