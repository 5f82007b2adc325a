import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { setImmediate as immediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { DestinationOwner } from '@penstock/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FileStorage, FileUpload } from '../src/files/file-storage.js';
import { writeBytes } from '../src/files/write-bytes.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';

/** What the suite needs of a place with files to show that a storage writes it as the port demands. */
export interface UploadHarness {
  /** A storage of that place that nobody else uses. */
  open(): FileStorage;
  /** What everybody sees at a path; null: nothing. */
  look(path: string): Promise<Buffer | null>;
  /** What is left of files that were not finished, wherever that is. */
  leftovers(): Promise<number>;
  /** Whether a later attempt can make an earlier one fail. */
  readonly fences: boolean;
  /** Paths that no file can have. */
  readonly invalidPaths: readonly string[];
  /** What must not be in any error. */
  readonly secrets: readonly string[];
  /** Ends all connections, as a network does; absent where there are none. */
  cut?(): Promise<void>;
  /** Ends the trouble that {@link cut} made, where it lasts. */
  restore?(): void;
  /** Connections, or open files, of the storages; absent where that cannot be told. */
  working?(): Promise<number>;
  stop(): Promise<void>;
}

type Use = (storage: FileStorage, harness: UploadHarness) => Promise<void>;

export const owner = (run = 1, epoch = 1, pipeline = 7): DestinationOwner => ({ pipeline, run, epoch });

const SIZES = [0, 1, 65_536, 1_234_567, 20 * 1024 * 1024 + 1];
const BLOCK = randomBytes(1024 * 1024);

export async function begin(
  storage: FileStorage,
  path: string,
  { of = owner(), signal = unhurried() }: { readonly of?: DestinationOwner; readonly signal?: AbortSignal } = {},
): Promise<FileUpload> {
  if (storage.create === undefined) throw new Error('the storage cannot write');
  return await storage.create({ path, contentType: 'text/plain', owner: of }, signal);
}

/** Writes bytes in pieces of many sizes, and waits until all have been taken. */
export async function fill({ content }: FileUpload, data: Buffer): Promise<void> {
  let at = 0;
  for (let step = 1; at < data.length; step = (step * 7) % 300_007) {
    await writeBytes(content, data.subarray(at, at + step));
    at += step;
  }
  content.end();
  await finished(content, { readable: false });
}

export async function put(storage: FileStorage, path: string, data: Buffer): Promise<void> {
  const upload = await begin(storage, path);
  await fill(upload, data);
  await upload.commit();
  await upload.discard();
}

/** The guarantees of `create`, for any storage of files. `start` is called once. */
export function uploadConformance(name: string, start: () => Promise<UploadHarness>): void {
  describe(`${name} as a storage that is written`, () => {
    let harness: UploadHarness;
    const opened: FileStorage[] = [];
    beforeAll(async () => {
      harness = await start();
    });
    afterEach(async () => {
      for (const storage of opened.splice(0)) await storage.close();
      await until('nothing is open any more', async () => ((await harness.working?.()) ?? 0) === 0);
      expect(await harness.leftovers()).toBe(0);
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
    writesFiles(using);
    showsNothingBefore(using);
    endsWhenTold(using);
    givesWayToLater(using);
    refuses(using);
  });
}

type Using = (use: Use) => () => Promise<void>;

function writesFiles(using: Using): void {
  it(
    'writes all bytes of a file, whatever its size',
    using(async (storage, { look }) => {
      for (const size of SIZES) {
        const data = randomBytes(size);
        await put(storage, `size-${size}.bin`, data);
        expect((await look(`size-${size}.bin`))?.equals(data), `${size} bytes`).toBe(true);
      }
    }),
  );

  it(
    'replaces a file that is there',
    using(async (storage, { look }) => {
      await put(storage, 'replaced.txt', Buffer.from('what was there before'));
      await put(storage, 'replaced.txt', Buffer.from('new'));
      expect(String(await look('replaced.txt'))).toBe('new');
    }),
  );

  it(
    'writes several files at a time, each for itself',
    using(async (storage, { look }) => {
      const files = [1, 2, 3].map((number) => ({ number, data: randomBytes(300_000 + number) }));
      await Promise.all(
        files.map(async ({ number, data }) => {
          const upload = await begin(storage, `together-${number}.bin`, { of: owner(1, 1, 100 + number) });
          await fill(upload, data);
          await upload.commit();
        }),
      );
      for (const { number, data } of files) expect((await look(`together-${number}.bin`))?.equals(data)).toBe(true);
    }),
  );
}

function showsNothingBefore(using: Using): void {
  it(
    'shows nobody a part of a file: what was there stays until the commit',
    using(async (storage, { look }) => {
      const before = Buffer.from('what was there before');
      await put(storage, 'seen.bin', before);
      const data = randomBytes(6 * 1024 * 1024);
      const seen = new Set<number>();
      let over = false;
      const watching = (async () => {
        for (; !over; await immediate()) seen.add((await look('seen.bin'))?.length ?? -1);
      })();
      const upload = await begin(storage, 'seen.bin');
      await fill(upload, data);
      expect((await look('seen.bin'))?.equals(before)).toBe(true);
      await upload.commit();
      over = true;
      await watching;
      expect((await look('seen.bin'))?.equals(data)).toBe(true);
      expect([...seen].filter((size) => size !== before.length && size !== data.length)).toEqual([]);
    }),
  );

  it(
    'leaves what was there, and nothing of its own, when it is discarded at any moment',
    using(async (storage, { look, leftovers }) => {
      await put(storage, 'kept.txt', Buffer.from('kept'));
      for (const bytes of [0, 1, 9 * 1024 * 1024]) {
        const upload = await begin(storage, 'kept.txt');
        if (bytes > 0) await writeBytes(upload.content, Buffer.alloc(bytes));
        await upload.discard();
        await upload.discard();
        expect(await leftovers()).toBe(0);
      }
      const whole = await begin(storage, 'kept.txt');
      await fill(whole, BLOCK);
      await whole.discard();
      expect(String(await look('kept.txt'))).toBe('kept');
    }),
  );

  it(
    'makes no file of a transfer that breaks',
    using(async (storage, { cut, look, open, restore }) => {
      if (cut === undefined) return;
      const upload = await begin(storage, 'broken.bin');
      await writeBytes(upload.content, BLOCK);
      await cut();
      const failed = await rejection(
        (async () => {
          await fill(upload, Buffer.concat(Array.from({ length: 30 }, () => BLOCK)));
          await upload.commit();
        })(),
      );
      expect(failed).toMatchObject({ code: 'DestinationUnavailable' });
      restore?.();
      await upload.discard();
      expect(await look('broken.bin')).toBe(null);
      const next = open();
      await put(next, 'broken.bin', Buffer.from('whole'));
      await next.close();
      expect(String(await look('broken.bin'))).toBe('whole');
    }),
  );
}

function endsWhenTold(using: Using): void {
  it(
    'does not begin when the signal was aborted before',
    using(async (storage) => {
      const reason = new Error('stopped by the test');
      expect(await rejection(begin(storage, 'never.txt', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    }),
  );

  it(
    'ends a transfer within a second of the signal, and cannot be committed afterwards',
    using(async (storage, { look }) => {
      const controller = new AbortController();
      const reason = new Error('stopped by the test');
      const upload = await begin(storage, 'stopped.bin', { signal: controller.signal });
      await writeBytes(upload.content, BLOCK);
      const start = performance.now();
      controller.abort(reason);
      expect(await rejection(writeBytes(upload.content, BLOCK))).toBe(reason);
      expect(await rejection(upload.commit())).toBeInstanceOf(Error);
      expect(performance.now() - start).toBeLessThan(1_000);
      await upload.discard();
      expect(await look('stopped.bin')).toBe(null);
    }),
  );

  it(
    'cannot be committed when the signal is aborted after the last byte',
    using(async (storage, { look }) => {
      const controller = new AbortController();
      const upload = await begin(storage, 'late.bin', { signal: controller.signal });
      await fill(upload, BLOCK);
      controller.abort(new Error('stopped by the test'));
      expect(await rejection(upload.commit())).toBeInstanceOf(Error);
      await upload.discard();
      expect(await look('late.bin')).toBe(null);
    }),
  );
}

function givesWayToLater(using: Using): void {
  it(
    'cannot be committed any more when a later attempt has begun',
    using(async (storage, { fences, look, open }) => {
      if (!fences) return;
      const later = open();
      for (const next of [owner(1, 2), owner(2, 1)]) {
        const stopped = await begin(storage, 'attempts.txt', { of: owner(1, 1) });
        await fill(stopped, Buffer.from('of the attempt that was given up'));
        const upload = await begin(later, 'attempts.txt', { of: next });
        expect(await rejection(stopped.commit())).toMatchObject({ code: 'DestinationUnavailable' });
        await stopped.discard();
        await fill(upload, Buffer.from('of the later attempt'));
        await upload.commit();
        expect(String(await look('attempts.txt'))).toBe('of the later attempt');
      }
      await later.close();
    }),
  );

  it(
    'removes what a crash left, of its own pipeline only',
    using(async (storage, { fences, leftovers, open }) => {
      if (!fences) return;
      const crashed = open();
      const lost = await begin(crashed, 'crash.txt', { of: owner(3, 1) });
      await writeBytes(lost.content, BLOCK);
      const other = await begin(storage, 'other.txt', { of: owner(1, 1, 8) });
      await put(storage, 'crash.txt', Buffer.from('whole')).catch((error: unknown) => {
        // A run with a lower number.
        expect(error).toMatchObject({ name: 'FenceLostError' });
      });
      const next = await begin(storage, 'crash.txt', { of: owner(3, 2) });
      await fill(next, Buffer.from('whole'));
      await next.commit();
      expect(await leftovers()).toBe(1);
      await fill(other, BLOCK);
      await other.commit();
      expect(await leftovers()).toBe(0);
      await lost.discard();
      await crashed.close();
    }),
  );
}

function refuses(using: Using): void {
  it(
    'refuses paths that no file can have, without a secret in any error',
    using(async (storage, { invalidPaths, secrets }) => {
      expect(invalidPaths.length).toBeGreaterThan(0);
      for (const path of invalidPaths) {
        const error = await rejection(begin(storage, path));
        expect.soft(error, path).toMatchObject({ code: 'InvalidPath' });
        const shown = inspect(error, { depth: 10, showHidden: true });
        for (const secret of secrets) expect(shown).not.toContain(secret);
      }
    }),
  );
}
