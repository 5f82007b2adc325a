import { randomBytes } from 'node:crypto';
import { AppError } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import type { StoredFile } from '../src/files/file-storage.js';
import { type Patience, resumingStream } from '../src/files/resuming-stream.js';
import { type Fault, MemoryStorage } from './memory-storage.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';

const MIB = 1024 * 1024;
const DATA = randomBytes(5 * MIB);
const QUICK: Patience = {
  attempts: 3,
  firstWaitMs: 1,
  longestWaitMs: 2,
  longestAskedWaitMs: 50,
  progressBytes: MIB,
};

const unavailable = (details: Record<string, unknown> = {}) =>
  new AppError('SourceUnavailable', { message: 'the storage is away', details });
const reset = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

async function read(storage: MemoryStorage, { signal = unhurried(), patience = QUICK } = {}): Promise<Buffer> {
  const [file] = await storage.find('file');
  const chunks: Uint8Array[] = [];
  for await (const chunk of resumingStream(storage, file as StoredFile, { signal, patience }).content)
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

const storageWith = (...faults: Fault[]) => new MemoryStorage({ file: { data: DATA } }, { faults });

describe('a read of a storage that fails in the middle', () => {
  it('goes on where it was interrupted, and delivers every byte once', async () => {
    const storage = storageWith(
      { at: 'open', error: unavailable() },
      { at: 1_000_001, error: reset() },
      { at: 1_000_001, error: unavailable() },
      { at: 'open', error: reset() },
      { at: 4_999_999, error: unavailable() },
    );
    const data = await read(storage, { patience: { ...QUICK, attempts: 5 } });
    expect(data.equals(DATA)).toBe(true);
    expect(storage.offsets).toEqual([0, 0, 1_000_001, 1_000_001, 1_000_001, 4_999_999]);
    expect(storage.transfers).toBe(0);
  });

  it('gives up after some attempts in a row that brought no progress', async () => {
    const faults = Array.from({ length: 9 }, () => ({ at: 2_000_000, error: unavailable() }));
    const storage = storageWith(...faults);
    expect(await rejection(read(storage))).toMatchObject({ code: 'SourceUnavailable', message: 'the storage is away' });
    expect(storage.offsets).toEqual([0, 2_000_000, 2_000_000]);
  });

  it('counts attempts anew after a mebibyte', async () => {
    const storage = storageWith(...[1, 2, 3, 4].map((n) => ({ at: n * MIB, error: unavailable() })));
    expect((await read(storage, { patience: { ...QUICK, attempts: 2 } })).equals(DATA)).toBe(true);
  });

  it('does not count less than that as progress: a storage that sends a byte at a time would never be given up', async () => {
    const storage = storageWith(...[1, 2, 3, 4].map((at) => ({ at, error: unavailable() })));
    expect(await rejection(read(storage))).toMatchObject({ code: 'SourceUnavailable' });
    expect(storage.offsets).toHaveLength(3);
  });

  it.each([
    ['SourceRefused', new AppError('SourceRefused', { message: 'no such file' })],
    ['InvalidPath', new AppError('InvalidPath', { message: 'no path' })],
    ['a fault of ours', new TypeError('undefined is not a function')],
  ])('does not try again after %s', async (_, error) => {
    const storage = storageWith({ at: 100, error });
    expect(await rejection(read(storage))).toBe(error);
    expect(storage.offsets).toEqual([0]);
  });

  it('names the file in an error of the network', async () => {
    const storage = storageWith(...Array.from({ length: 3 }, () => ({ at: 'open' as const, error: reset() })));
    const error = await rejection(read(storage));
    expect(error).toMatchObject({
      code: 'SourceUnavailable',
      message: 'file "file": reading it was interrupted (ECONNRESET); try again later',
    });
  });

  it('ends when the file has changed meanwhile', async () => {
    const storage = new MemoryStorage(
      { file: { data: DATA, version: 'v1' } },
      {
        faults: [{ at: 9, error: reset(), meanwhile: () => storage.files.set('file', { data: DATA, version: 'v2' }) }],
      },
    );
    expect(await rejection(read(storage))).toMatchObject({
      code: 'SourceUnavailable',
      message: expect.stringContaining('file "file": the file changed while it was read'),
    });
    expect(storage.offsets).toEqual([0, 9]);
    expect(storage.transfers).toBe(0);
  });

  it('waits as long as the storage asks for', async () => {
    const times: number[] = [];
    const look = () => times.push(performance.now());
    const error = unavailable({ retryAfterMs: 300 });
    const storage = storageWith({ at: 100, error, meanwhile: look }, { at: 'open', meanwhile: look });
    await read(storage, { patience: { ...QUICK, longestAskedWaitMs: 300 } });
    const [failed = 0, opened = 0] = times;
    expect(opened - failed).toBeGreaterThan(295);
  });

  it('gives up when the storage asks for too long a wait', async () => {
    const error = unavailable({ retryAfterMs: 51 });
    const storage = storageWith({ at: 100, error });
    expect(await rejection(read(storage))).toBe(error);
    expect(storage.offsets).toEqual([0]);
  });
});

describe('a read of a storage', () => {
  it('ends at once with the signal while it waits to try again', async () => {
    const controller = new AbortController();
    const storage = storageWith({ at: 100, error: reset() });
    const patience = { ...QUICK, firstWaitMs: 3_600_000, longestWaitMs: 3_600_000 };
    const reading = rejection(read(storage, { signal: controller.signal, patience }));
    await until('the transfer has failed', () => storage.taken === 100 && storage.transfers === 0);
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await reading).toBe(reason);
  });

  it('ends at once with the signal while the storage stands still', async () => {
    const controller = new AbortController();
    const storage = storageWith({ at: 100 });
    const reading = rejection(read(storage, { signal: controller.signal }));
    await until('the transfer stands still', () => storage.taken === 100);
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await reading).toBe(reason);
    expect(storage.transfers).toBe(0);
  });

  it('takes no more than it is asked for', async () => {
    const storage = storageWith();
    const [file] = await storage.find('file');
    const { content } = resumingStream(storage, file as StoredFile, { signal: unhurried() });
    for await (const _ of content) {
      await until('the storage has sent what it may', () => storage.taken > 0);
      expect(storage.taken).toBeLessThan(MIB);
      break;
    }
    await until('the transfer has ended', () => storage.transfers === 0);
  });

  it('knows what the storage said when the file was opened', async () => {
    const storage = storageWith();
    const [file] = await storage.find('file');
    const modifiedAt = new Date();
    storage.files.set('file', { data: DATA, modifiedAt });
    const stream = resumingStream(storage, file as StoredFile, { signal: unhurried() });
    for await (const _ of stream.content) break;
    expect(stream.file.modifiedAt).toBe(modifiedAt);
  });
});
