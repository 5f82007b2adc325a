import type { SourceBatch } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { BATCH_ROWS } from '../src/files/limits.js';
import { parquet } from '../src/parquet/parquet.js';
import { contentInMemory, fixture, written } from './parquet-files.js';
import { contentOf, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const format = parquet.open({});
const all = { sheet: null, expected: null };

function expecting(...names: string[]): ObjectType {
  const properties = names.map((name) => ({ name, type: { kind: 'string' } as const, description: '' }));
  return { kind: 'object', properties };
}

/** Records of two columns in several row groups and pages. */
function wide(count: number): Buffer {
  return written({
    columnData: [
      { name: 'id', data: Array.from({ length: count }, (_, index) => index), type: 'INT32' },
      { name: 'name', data: Array.from({ length: count }, (_, index) => `name ${index}`), type: 'STRING' },
    ],
    pageSize: 4096,
    rowGroupSize: 3000,
  });
}

async function batchesOf(bytes: Buffer): Promise<SourceBatch[]> {
  const reader = await format.open(contentInMemory(bytes).content, all, unhurried());
  const batches: SourceBatch[] = [];
  for await (const batch of reader.batches()) batches.push(batch);
  return batches;
}

describe('The format parquet', () => {
  it('has no settings and no sheets', () => {
    expect(parquet).toMatchObject({ code: 'parquet', label: 'Parquet', extension: 'parquet', hasSheets: false });
    expect(() => parquet.open({ separator: ',' })).toThrow();
    expect(format.sheets).toBeUndefined();
  });

  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'])(
    'reads what DuckDB compressed with %s, in three row groups with dictionaries',
    async (codec) => {
      const { rows } = await readFile(format, contentOf(fixture(`groups-${codec}`)));
      const expected = Array.from({ length: 5_000 }, (_, index) => [
        index % 50,
        `name ${index % 7}`,
        index % 3 === 0 ? null : String((index % 11) * 1000000007),
        new Date(Date.UTC(2000, 0, 1 + (index % 50))).toISOString().slice(0, 10),
      ]);
      expect(rows).toEqual(expected);
    },
  );

  it('reads the encodings that DuckDB uses without dictionaries', async () => {
    const { rows } = await readFile(format, contentInMemory(fixture('encodings')).content);
    const expected = Array.from({ length: 3_000 }, (_, index) => [
      String(index),
      `mail${index}@example.com`,
      index % 3 === 0 ? null : String((index - 1500) * 1000000007),
      index % 2 === 0,
      index / 4,
      0 - index,
    ]);
    expect(rows).toEqual(expected);
  });

  it('reads a file without records', async () => {
    const { columns, rows } = await readFile(format, contentInMemory(fixture('empty')).content);
    expect(columns.map(({ name }) => name)).toEqual(['id', 'name']);
    expect(rows).toEqual([]);
  });

  it('refuses a file of which no column can be read', async () => {
    const bytes = written({ columnData: [{ name: '名前', data: ['Ada'], type: 'STRING' }] });
    const error = await rejection(readFile(format, contentInMemory(bytes).content));
    expect(error).toMatchObject({ code: 'NoColumnsFound', message: expect.stringContaining('"名前"') });
  });

  it('keeps the order of records over pages and row groups, in batches of a bounded number', async () => {
    const batches = await batchesOf(wide(10_000));
    expect(batches.flatMap(({ rows }) => rows)).toEqual(
      Array.from({ length: 10_000 }, (_, index) => [index, `name ${index}`]),
    );
    for (const { rows } of batches) expect(rows.length).toBeLessThanOrEqual(BATCH_ROWS);
    expect(batches.length).toBeLessThanOrEqual(10_000 / BATCH_ROWS);
  });

  it('makes small batches of large values, of a dictionary too', async () => {
    const large = (index: number) => `${'x'.repeat(300_000)}${index}`;
    for (const distinct of [40, 2]) {
      const data = Array.from({ length: 40 }, (_, index) => large(index % distinct));
      const batches = await batchesOf(written({ columnData: [{ name: 'text', data, type: 'STRING' }] }));
      expect(batches.flatMap(({ rows }) => rows.map(([text]) => text))).toEqual(data);
      for (const { rows } of batches) expect(rows.length).toBeLessThanOrEqual(8);
    }
  });

  it('reads of the file only the columns that are expected', async () => {
    const bytes = wide(50_000);
    const bytesRead = async (expected: ObjectType | null): Promise<number> => {
      const { content, reads } = contentInMemory(bytes);
      expect((await readFile(format, content, { expected })).rows).toHaveLength(50_000);
      return reads.reduce((sum, [, length]) => sum + length, 0);
    };
    const { columns, rows } = await readFile(format, contentInMemory(bytes).content, {
      expected: expecting('id', 'other'),
    });
    expect(columns.map(({ name }) => name)).toEqual(['id']);
    expect(rows[49_999]).toEqual([49_999]);
    expect(await bytesRead(expecting('id'))).toBeLessThan((await bytesRead(null)) / 2);
  });

  it('does not look at pages of columns that are not expected', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `name ${index}`);
    const columnData = [
      { name: 'id', data: names.map((_, index) => index), type: 'INT32' as const },
      { name: 'name', data: names, type: 'STRING' as const },
    ];
    const bytes = written({ columnData, codec: 'UNCOMPRESSED' });
    const at = bytes.indexOf('name 7');
    expect(at).toBeGreaterThan(0);
    bytes.fill(0xff, at - 4, at + 6);
    expect(await rejection(readFile(format, contentInMemory(bytes).content))).toMatchObject({ code: 'InvalidFile' });
    const { rows } = await readFile(format, contentInMemory(bytes).content, { expected: expecting('id') });
    expect(rows).toHaveLength(100);
  });

  it('makes property names of names that are none, as other formats do', async () => {
    const bytes = written({
      columnData: [
        { name: 'E-Mail', data: ['a@b.c', 'd@e.f'], type: 'STRING' },
        { name: 'E_Mail', data: [1, 2], type: 'INT32' },
        { name: '名前', data: [3, 4], type: 'INT32' },
        { name: 'Höhe', data: [5, 6], type: 'INT32' },
        { name: 'x'.repeat(200), data: [7, 8], type: 'INT32' },
      ],
    });
    const { columns, issues, rows } = await readFile(format, contentInMemory(bytes).content);
    expect(columns).toMatchObject([
      { name: 'E_Mail', description: 'E-Mail' },
      { name: 'Hohe', description: 'Höhe' },
      { name: 'x'.repeat(200) },
    ]);
    expect(issues).toEqual([
      'column 2 "E_Mail" is left out: its property name "E_Mail" is that of column 1 "E-Mail"; rename one of them in the file',
      'column 3 is left out: its name "名前" makes no property name; rename it in the file',
    ]);
    expect(rows).toEqual([
      ['a@b.c', 5, 7],
      ['d@e.f', 6, 8],
    ]);
    const expected = expecting('E_Mail');
    expect((await readFile(format, contentInMemory(bytes).content, { expected })).rows).toEqual([['a@b.c'], ['d@e.f']]);
  });

  it('lists all columns where none of the expected ones is there', async () => {
    const { columns } = await readFile(format, contentInMemory(wide(1)).content, { expected: expecting('other') });
    expect(columns.map(({ name }) => name)).toEqual(['id', 'name']);
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const reader = await format.open(contentInMemory(wide(10_000)).content, all, controller.signal);
    const reason = new Error('enough');
    const error = await rejection(
      (async () => {
        for await (const _ of reader.batches()) controller.abort(reason);
      })(),
    );
    expect(error).toBe(reason);
    expect(await rejection(format.open(contentInMemory(wide(1)).content, all, controller.signal))).toBe(reason);
  });

  it('lets other things happen between batches', async () => {
    const reader = await format.open(contentInMemory(wide(10_000)).content, all, unhurried());
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    let batches = 0;
    for await (const _ of reader.batches()) batches += 1;
    clearInterval(timer);
    expect(batches).toBeGreaterThan(10);
    expect(turns).toBeGreaterThan(0);
  });

  it('can be closed at any time, more than once, and reads no further then', async () => {
    const reader = await format.open(contentInMemory(wide(10_000)).content, all, unhurried());
    const error = await rejection(
      (async () => {
        for await (const _ of reader.batches()) {
          await reader.close();
          await reader.close();
        }
      })(),
    );
    expect(error).toBeInstanceOf(Error);
    const left = await format.open(contentInMemory(wide(10_000)).content, all, unhurried());
    for await (const _ of left.batches()) break;
    await left.close();
  });
});
