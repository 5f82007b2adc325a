import { AppError } from '@penstock/domain';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RecordsPreview } from '../src/connector.js';
import { defineFileStorage } from '../src/connector.js';
import { csv } from '../src/csv/csv.js';
import { type FileLook, listSheets, previewFiles } from '../src/files/file-preview.js';
import { lineFormat } from './line-format.js';
import { MemoryStorage } from './memory-storage.js';
import { openFiles } from './open-files.js';
import { rejection, unhurried } from './read-source.js';
import { until } from './until.js';
import { zipOf } from './zip-archives.js';

const MIB = 1024 * 1024;
const storages: MemoryStorage[] = [];

function lookAt(storage: MemoryStorage, given: Partial<FileLook> = {}): FileLook {
  storages.push(storage);
  const connector = defineFileStorage({
    ...{
      code: 'memory',
      label: 'Memory',
      hasPatterns: true,
      roles: ['Source' as const],
      settingsSchema: z.strictObject({}),
    },
    open: () => storage,
    test: async () => undefined,
  });
  return {
    ...{ connector, settings: {}, path: 'file', compression: null, format: lineFormat() },
    access: { filesystemRoot: null, allowPrivateNetworks: false, maxFileBytes: 100 * MIB },
    ...given,
  };
}

async function preview(storage: MemoryStorage, limit = 100, given: Partial<FileLook> = {}): Promise<RecordsPreview> {
  return await previewFiles(lookAt(storage, given), { sheet: null, limit }, unhurried());
}

afterEach(async () => {
  for (const storage of storages.splice(0)) {
    await until('transfers have ended', () => storage.transfers === 0);
    expect(storage.closed).toBe(1);
  }
  expect((await openFiles()).filter((name) => name.includes('penstock-'))).toEqual([]);
});

describe('a preview of files', () => {
  it('shows the schema with what the file says of its columns, and records as data', async () => {
    expect(await preview(new MemoryStorage({ file: 'id:int,email\n1,a@b.c\n-,-\n,b@b.c\n' }))).toStrictEqual({
      schema: {
        kind: 'object',
        properties: [
          {
            ...{ name: 'id', type: { kind: 'int', bitSize: 32 }, readOptional: true, nullable: true },
            description: 'column id',
          },
          { name: 'email', type: { kind: 'string' }, description: 'column email' },
        ],
      },
      rows: [{ id: 1, email: 'a@b.c' }, { id: null, email: null }, { email: 'b@b.c' }],
      issues: ['types were guessed'],
    });
  });

  it('has a schema where there are no records, or where none are wanted', async () => {
    for (const [data, limit] of [
      ['id\n', 100],
      ['id\n1\n', 0],
    ] as const) {
      expect(await preview(new MemoryStorage({ file: data }), limit)).toMatchObject({
        schema: { properties: [{ name: 'id' }] },
        rows: [],
      });
    }
  });

  it('shows no more records than wanted, and reads little for them', async () => {
    const storage = new MemoryStorage({ file: `id\n${'1\n'.repeat(10 * MIB)}` });
    expect((await preview(storage, 7)).rows).toHaveLength(7);
    expect(storage.taken).toBeLessThan(MIB);
  });

  it('says which records are not shown, and does not look through a whole file of them', async () => {
    const storage = new MemoryStorage({ file: `id\n${'!\n'.repeat(10 * MIB)}` });
    expect((await preview(storage)).issues).toEqual([
      'types were guessed',
      expect.stringMatching(/^\d{4,} records are not shown: the line is no record$/),
      'rows after these are not shown: too many before them cannot be read',
    ]);
    expect(storage.taken).toBeLessThan(MIB);
  });

  it('shows records of the files of a pattern, and how many there are', async () => {
    const storage = new MemoryStorage({ f1: 'id,email\n1,a\n', f2: 'email,id\nb,2\n', f3: 'id,email\n3,c\n4,d\n' });
    const { rows, issues } = await preview(storage, 3, { path: 'f*' });
    expect(rows).toEqual([
      { id: '1', email: 'a' },
      { id: '2', email: 'b' },
      { id: '3', email: 'c' },
    ]);
    expect(issues).toContain('the pattern matches 3 files; records of the first ones are shown');
  });

  it('says which file does not go with the first one', async () => {
    const storage = new MemoryStorage({ f1: 'id:int\n1\n', f2: 'id\n2\n' });
    const { rows, issues } = await preview(storage, 10, { path: 'f*' });
    expect(rows).toEqual([{ id: 1 }]);
    expect(issues).toContain('the column "id" of file "f2" has type string, but the first file has int(32)');
  });

  it('says nothing of the number of files when all their records are shown, or none is wanted', async () => {
    for (const [limit, says] of [
      [0, false],
      [1, true],
      [2, true],
      [3, false],
      [10, false],
    ] as const) {
      const { issues } = await preview(new MemoryStorage({ f1: 'id\n1\n', f2: 'id\n2\n3\n' }), limit, { path: 'f*' });
      expect(
        issues.some((issue) => issue.startsWith('the pattern matches 2 files')),
        String(limit),
      ).toBe(says);
    }
  });

  it('counts the records that are not shown, and says where the first one is', async () => {
    const look = { format: csv.open({}), path: 'f*' };
    const three = new MemoryStorage({ f1: 'a,b\n1\n1,2\n3\n', f2: 'a,b\n1,2,3\n' });
    expect((await preview(three, 100, look)).issues).toEqual(
      ['the first in line 2 of file "f1"', 'in line 2 of file "f2"'].map((place) => expect.stringContaining(place)),
    );
    const { issues } = await preview(new MemoryStorage({ f1: 'a,b\n1\n1,2\n3\n' }), 100, look);
    expect(issues[0]).toMatch(/^2 records are not shown, the first in line 2: record has fewer fields/);
  });

  it('does not wait as long as a storage asks for', async () => {
    const error = new AppError('SourceUnavailable', { message: 'too many', details: { retryAfterMs: 3_000 } });
    const storage = new MemoryStorage({ file: 'id\n' }, { faults: [{ at: 'open', error }] });
    expect(await rejection(preview(storage))).toBe(error);
    expect(storage.offsets).toEqual([0]);
  });

  it('is given up with a sentence when the storage does not answer', async () => {
    const look = lookAt(new MemoryStorage({ file: 'id\n1\n' }, { faults: [{ at: 2 }] }), { giveUpAfterMs: 200 });
    expect(await rejection(previewFiles(look, { sheet: null, limit: 1 }, unhurried()))).toMatchObject({
      code: 'SourceUnavailable',
      message: expect.stringContaining('nothing could be shown within 0.2 seconds'),
    });
  });

  it('copies no more than 256 MiB, and reads larger files from the beginning all the same', async () => {
    const large = () => {
      const storage = new MemoryStorage({ file: 'id\n1\n' });
      const find = storage.find.bind(storage);
      return Object.assign(storage, {
        find: async (path: string) => (await find(path)).map((file) => ({ ...file, size: 257 * MIB })),
      });
    };
    const access = { filesystemRoot: null, allowPrivateNetworks: false, maxFileBytes: 1_000 * MIB };
    expect((await preview(large(), 1, { access })).rows).toEqual([{ id: '1' }]);
    const storage = large();
    expect(await rejection(preview(storage, 1, { access, format: lineFormat({ local: true }) }))).toMatchObject({
      code: 'InvalidFile',
      message:
        'file "file": is larger than 256 MiB, which is the most that a preview copies: a run reads it all the same',
    });
    expect(storage.offsets).toEqual([]);
  });

  it('reads compressed files', async () => {
    const data = await zipOf({ file: 'id\n1\n' });
    expect((await preview(new MemoryStorage({ file: { data } }), 1, { compression: 'Zip' })).rows).toEqual([
      { id: '1' },
    ]);
  });

  it('closes what it opened when something goes wrong', async () => {
    expect(await rejection(preview(new MemoryStorage({})))).toMatchObject({ code: 'SourceRefused' });
    expect(await rejection(preview(new MemoryStorage({ file: '' })))).toMatchObject({ code: 'NoColumnsFound' });
    expect(await rejection(preview(new MemoryStorage({ file: 'id\n!!\n' })))).toMatchObject({
      code: 'InvalidFile',
      message: 'file "file": line is no record',
    });
  });

  it.each([-1, 101, 1.5])('refuses %d as a limit', async (limit) => {
    const look = lookAt(new MemoryStorage({}));
    storages.pop();
    expect(await rejection(previewFiles(look, { sheet: null, limit }, unhurried()))).toMatchObject({
      code: 'BadRequest',
    });
  });
});

describe('the sheets of a file', () => {
  it('are listed, and everything is closed', async () => {
    expect(await listSheets(lookAt(new MemoryStorage({ file: '#one\n#two\n' })), unhurried())).toEqual(['one', 'two']);
  });

  it('are not there in a file of another kind', async () => {
    expect(await rejection(listSheets(lookAt(new MemoryStorage({ file: 'id\n' })), unhurried()))).toMatchObject({
      code: 'InvalidFile',
      message: 'file "file": has no sheets',
    });
  });

  it('end with the signal', async () => {
    const controller = new AbortController();
    const storage = new MemoryStorage({ file: '#one\n#two\n' }, { faults: [{ at: 5 }] });
    const listing = rejection(listSheets(lookAt(storage), controller.signal));
    await until('the storage stands still', () => storage.taken === 5);
    const reason = new Error('stopped by the test');
    controller.abort(reason);
    expect(await listing).toBe(reason);
  });
});
