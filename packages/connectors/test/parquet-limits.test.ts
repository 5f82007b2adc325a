import type { SourceBatch } from '@penstock/engine';
import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES } from '../src/files/limits.js';
import { parquet } from '../src/parquet/parquet.js';
import { ThriftReader } from '../src/parquet/thrift-reader.js';
import { contentInMemory, written } from './parquet-files.js';
import { readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const format = parquet.open({});
const MEBIBYTE = 1024 * 1024;
const TOO_LARGE = { step: 'Receive', code: 'RecordTooLarge', message: 'record is larger than 16 MiB', key: null };

/** A file that has only metadata. */
function fileOf(...metadata: readonly (Buffer | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(metadata.map((part) => Buffer.from(part)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('PAR1'), bytes, length, Buffer.from('PAR1')]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** An empty schema, and no records. */
const BEGINNING = [0x29, 0x0c, 0x16, 0x00];
const STRUCT = 12;

/** Field 4, the row groups, as a list of structures. */
const groups = (count: number) => [0x19, 0xf0 | STRUCT, ...varint(count)];

async function refusal(bytes: Buffer): Promise<unknown> {
  return await rejection(format.open(contentInMemory(bytes).content, { sheet: null, expected: null }, unhurried()));
}

function refused(message: string): object {
  return { code: 'InvalidFile', message: expect.stringContaining(message) };
}

/** Turns of the event loop while something goes on. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let going = true;
  const count = () => {
    turns += 1;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  await work;
  going = false;
  return turns;
}

describe('Metadata of a Parquet file', () => {
  it('has a bounded number of row groups', async () => {
    const many = 10_000_000;
    const file = fileOf(BEGINNING, groups(many), Buffer.alloc(many), [0]);
    expect(await refusal(file)).toMatchObject(refused('it has more than 100000 row groups; use larger ones'));
    const fewer = 100_000;
    const allowed = fileOf(BEGINNING, groups(fewer), Buffer.alloc(fewer), [0]);
    expect(await refusal(allowed)).toMatchObject(refused('it has no schema'));
  });

  it('has a bounded number of bytes', async () => {
    const file = fileOf(Buffer.alloc(32 * MEBIBYTE + 1));
    expect(await refusal(file)).toMatchObject(refused('bytes of metadata, at most 33554432 are read'));
  });

  it('has a bounded number of values in each of its parts, as that takes time', async () => {
    const many = 5_000_000;
    // Field 5, which nothing reads: a list of bytes.
    const list = fileOf(BEGINNING, [0x29, 0xf3], Buffer.from(varint(many)), Buffer.alloc(many), [0]);
    expect(await refusal(list)).toMatchObject(refused('a part of its metadata has more than 4000000 values'));
    const fields = Buffer.alloc(many * 2, Buffer.from([0x01, 0x02]));
    const struct = fileOf(BEGINNING, groups(1), [0x01, 0x02], fields, [0, 0]);
    expect(await refusal(struct)).toMatchObject(refused('a part of its metadata has more than 4000000 values'));
  });

  it('is looked through in pieces, between which other things happen', async () => {
    const group = Buffer.concat([Buffer.from([0x18, ...varint(1000)]), Buffer.alloc(1000), Buffer.from([0])]);
    const file = fileOf(BEGINNING, groups(20_000), Buffer.alloc(20_000 * group.length, group), [0]);
    expect(await turnsDuring(refusal(file))).toBeGreaterThan(15);
  });

  it.each([0, -1, -70_000, 40_000])('has no field with the number %d', async (id) => {
    // In an element of the schema, in the long form, which says the number and not a distance.
    const field = [0x05, ...varint(id < 0 ? -2 * id - 1 : 2 * id), 0x02];
    const file = fileOf([0x29, 0x1c], field, [0], [0x16, 0x00], groups(0), [0]);
    expect(await refusal(file)).toMatchObject(refused('its metadata cannot be decoded'));
    const reader = new ThriftReader(Buffer.from([...field, 0]), 0);
    expect(() => reader.root((_, type) => reader.skip(type))).toThrow('cannot be decoded');
  });
});

/** Texts of a size, which differ. */
const texts = (sizes: readonly number[], letter: string) => sizes.map((size) => letter.repeat(size));

describe('Records of a Parquet file', () => {
  const columns = (sizes: readonly number[], count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `c${index}`,
      data: texts(sizes, 'abcdefghijklmnopqrstuvwxyz'.charAt(index)),
      type: 'STRING' as const,
    }));

  it('of more than 16 MiB in all their columns are unreadable, with their number in the file', async () => {
    const columnData = columns([1, 6 * MEBIBYTE, 1, 5 * MEBIBYTE, 6 * MEBIBYTE, 1], 3);
    const bytes = written({ columnData, codec: 'SNAPPY', rowGroupSize: 4 });
    const { rows, unreadable } = await readFile(format, contentInMemory(bytes).content);
    expect(rows.map((row) => row.map((field) => String(field).length))).toEqual(
      [1, 1, 5 * MEBIBYTE, 1].map((size) => [size, size, size]),
    );
    expect(unreadable).toEqual([2, 5].map(() => ({ ...TOO_LARGE, record: expect.any(Function) })));
    expect(unreadable.map(({ record }) => record?.())).toEqual(['{"record":2}', '{"record":5}']);
  });

  it('are as large as their bytes, not as their characters', async () => {
    const half = MAX_RECORD_BYTES / 2;
    const data = (characters: number) => ['é'.repeat(characters), 'x'];
    const of = (characters: number) =>
      written({
        columnData: [
          { name: 'a', data: data(half / 2), type: 'STRING' },
          { name: 'b', data: data(characters), type: 'STRING' },
        ],
        codec: 'SNAPPY',
      });
    expect(await readFile(format, contentInMemory(of(half / 2)).content)).toMatchObject({ unreadable: [] });
    const { rows, unreadable } = await readFile(format, contentInMemory(of(half / 2 + 1)).content);
    expect([rows, unreadable]).toEqual([[['x', 'x']], [expect.objectContaining(TOO_LARGE)]]);
  });

  it('of more than 16 MiB in lists are unreadable', async () => {
    const list = (name: string) => [
      { name, converted_type: 'LIST' as const, repetition_type: 'OPTIONAL' as const, num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
      {
        name: 'element',
        type: 'BYTE_ARRAY' as const,
        converted_type: 'UTF8' as const,
        repetition_type: 'OPTIONAL' as const,
      },
    ];
    const data = [['a'], texts([5 * MEBIBYTE, 5 * MEBIBYTE], 'b'), ['c']];
    const bytes = written({
      codec: 'SNAPPY',
      schema: [{ name: 'root', num_children: 2 }, ...list('x'), ...list('y')],
      columnData: [
        { name: 'x', data },
        { name: 'y', data },
      ],
    });
    const { rows, unreadable } = await readFile(format, contentInMemory(bytes).content);
    expect(rows).toEqual([
      [['a'], ['a']],
      [['c'], ['c']],
    ]);
    expect(unreadable).toMatchObject([TOO_LARGE]);
  });

  it('are taken in small numbers where all columns together are large', async () => {
    const bytes = written({ columnData: columns(new Array<number>(200).fill(50_000), 20), codec: 'SNAPPY' });
    const reader = await format.open(contentInMemory(bytes).content, { sheet: null, expected: null }, unhurried());
    const batches: SourceBatch[] = [];
    for await (const batch of reader.batches()) batches.push(batch);
    expect(batches.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(200);
    for (const { rows } of batches) expect(rows.length).toBeLessThanOrEqual(4);
  });
});
