import { PassThrough, Writable } from 'node:stream';
import type { DestinationColumn, DestinationRow } from '@penstock/engine';
import { isObjectValue, type Type, type Value } from '@penstock/language';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { parquet } from '../src/parquet/parquet.js';
import { contentOf, readFile } from './read-format.js';
import { rejection } from './read-source.js';
import { tables, written } from './written-file.js';

const MIB = 1024 * 1024;
const string: Type = { kind: 'string' };
const int: Type = { kind: 'int', bitSize: 32 };

/** The values of a file, as our reader has them. */
async function valuesOf(file: Buffer): Promise<Value[][]> {
  const { columns, rows, issues, unreadable } = await readFile(parquet.open({}), contentOf(file));
  expect([...issues, ...unreadable]).toEqual([]);
  return rows.map((row) =>
    row.map((field, index) => {
      const decode = columns[index]?.decode;
      return typeof field === 'string' && decode !== undefined ? (decode(field) as Value) : (field as Value);
    }),
  );
}

async function roundTrip(type: Type, values: readonly Value[]): Promise<Value[]> {
  const rows = values.map((value) => [value]);
  const file = await written(parquet.openForWriting({}), [{ name: 'a', type }], [rows]);
  return (await valuesOf(file)).map(([value = null]) => plain(value));
}

/** Objects without a prototype as others. */
function plain(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** What a value is after it has been written: times have microseconds, decimals their scale, maps are JSON. */
function kept(type: Type, value: Value): Value {
  if (value === null) return null;
  if (type.kind === 'datetime' || type.kind === 'time') {
    return String(value)
      .replace(/(\.\d{6})\d+$/, '$1')
      .replace(/\.0+$/, '');
  }
  if (type.kind === 'decimal') {
    const [whole, fraction = ''] = String(value).split('.');
    return `${whole}.${fraction.padEnd(type.scale ?? 0, '0')}`;
  }
  if (type.kind !== 'object' || !isObjectValue(value)) return plain(value);
  const members = type.properties.map(({ name, type: inner }) => [name, kept(inner, value[name] ?? null)]);
  return Object.fromEntries(members) as Value;
}

/** Maps come back as the text of their JSON. */
function read(type: Type, value: Value): Value {
  return type.kind === 'map' && value !== null ? (JSON.parse(String(value)) as Value) : plain(value);
}

/** hyparquet wants the bytes of a file alone. */
function arrayBuffer(file: Buffer): ArrayBuffer {
  return new Uint8Array(file).buffer;
}

describe('a file of Parquet', () => {
  it('is read back by our own reader as it was written, whatever its columns', async () => {
    const codec = fc.constantFrom('snappy', 'gzip', 'none');
    const property = fc.asyncProperty(tables, codec, async ({ columns, batches }, compression) => {
      const file = await written(parquet.openForWriting({ compression }), columns, batches);
      const types = columns.map(({ type }) => type);
      const rows = (await valuesOf(file)).map((row) => row.map((value, index) => read(types[index] as Type, value)));
      expect(rows).toEqual(batches.flat().map((row) => row.map((value, index) => kept(types[index] as Type, value))));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('is read back by another reader as it was written', async () => {
    const columns: readonly DestinationColumn[] = [
      { name: 'text', type: string },
      { name: 'big', type: { kind: 'int', bitSize: 64 } },
      { name: 'score', type: { kind: 'float', bitSize: 64 } },
      { name: 'active', type: { kind: 'boolean' } },
      { name: 'at', type: { kind: 'datetime' } },
      { name: 'day', type: { kind: 'date' } },
      { name: 'id', type: { kind: 'uuid' } },
      { name: 'tags', type: { kind: 'array', elementType: string } },
      { name: 'address', type: { kind: 'object', properties: [{ name: 'city', type: string, description: '' }] } },
      { name: 'amount', type: { kind: 'decimal', precision: 12, scale: 2 } },
      { name: 'more', type: { kind: 'map', elementType: int } },
    ];
    const id = '01234567-89ab-cdef-0123-456789abcdef';
    const full = ['é日👩', '-9223372036854775808', 1.5, true, '2035-10-30 16:33:25.123456', '1969-12-31', id];
    const file = await written(parquet.openForWriting({}), columns, [
      [
        [...full, ['a', null, 'b'], { city: 'Oslo' }, '-12.5', { b: 1, a: 2 }],
        columns.map(() => null),
        ['', '1', 0, false, '0001-01-01 00:00:00', '9999-12-31', id, [], {}, '0', {}],
      ],
    ]);
    const rows = await parquetReadObjects({ file: arrayBuffer(file), compressors });
    const [first, empty, last] = rows;
    expect(first).toMatchObject({ text: 'é日👩', big: -(2n ** 63n), score: 1.5, active: true, tags: ['a', null, 'b'] });
    expect(first).toMatchObject({ at: new Date('2035-10-30T16:33:25.123Z'), day: new Date('1969-12-31') });
    expect(first).toMatchObject({ address: { city: 'Oslo' }, amount: -12.5, more: { a: 2, b: 1 } });
    expect(Object.values(empty ?? {}).every((value) => value === null || value === undefined)).toBe(true);
    expect(last).toMatchObject({
      text: '',
      at: new Date('0001-01-01T00:00:00Z'),
      day: new Date('9999-12-31'),
      tags: [],
    });
    expect(parquetMetadata(arrayBuffer(file))).toMatchObject({ created_by: 'Penstock', num_rows: 3n, version: 1 });
  });

  it('says the types of its columns, as readers of old and of today know them', async () => {
    const types: readonly (readonly [Type, object])[] = [
      [string, { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }],
      [
        { kind: 'int', bitSize: 8 },
        { type: 'INT32', converted_type: 'INT_8' },
      ],
      [
        { kind: 'int', bitSize: 24 },
        { type: 'INT32', converted_type: 'INT_32' },
      ],
      [
        { kind: 'int', bitSize: 16, unsigned: true },
        { type: 'INT32', converted_type: 'UINT_16' },
      ],
      [
        { kind: 'int', bitSize: 64, unsigned: true },
        { type: 'INT64', converted_type: 'UINT_64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
      ],
      [{ kind: 'float', bitSize: 32 }, { type: 'FLOAT' }],
      [
        { kind: 'decimal', precision: 9, scale: 2 },
        { type: 'INT32', converted_type: 'DECIMAL', precision: 9, scale: 2 },
      ],
      [
        { kind: 'decimal', precision: 18 },
        { type: 'INT64', converted_type: 'DECIMAL' },
      ],
      [
        { kind: 'decimal', precision: 38, scale: 3 },
        { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 },
      ],
      [
        { kind: 'datetime' },
        {
          converted_type: 'TIMESTAMP_MICROS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
        },
      ],
      [{ kind: 'date' }, { type: 'INT32', converted_type: 'DATE' }],
      [{ kind: 'time' }, { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } }],
      [{ kind: 'year' }, { type: 'INT32' }],
      [{ kind: 'uuid' }, { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }],
      [{ kind: 'ip' }, { converted_type: 'UTF8' }],
      [{ kind: 'json' }, { converted_type: 'JSON' }],
      [{ kind: 'map', elementType: int }, { converted_type: 'JSON' }],
    ];
    const columns = types.map(([type], index) => ({ name: `c${index}`, type }));
    const file = await written(parquet.openForWriting({}), columns, []);
    const [, ...elements] = parquetMetadata(arrayBuffer(file)).schema;
    expect(elements).toMatchObject(types.map(([, element]) => ({ ...element, repetition_type: 'OPTIONAL' })));
  });

  it('keeps the least and the greatest value of every kind', async () => {
    const exact = async (type: Type, values: readonly Value[]): Promise<void> =>
      expect(await roundTrip(type, values)).toEqual(values);
    await exact({ kind: 'int', bitSize: 8 }, [-128, 127, null]);
    await exact({ kind: 'int', bitSize: 32, unsigned: true }, [0, 4_294_967_295]);
    await exact({ kind: 'int', bitSize: 64 }, [
      '-9223372036854775808',
      '9223372036854775807',
      '-1',
      '-999999999999999',
    ]);
    await exact({ kind: 'int', bitSize: 64, unsigned: true }, ['18446744073709551615', '9007199254740993']);
    await exact({ kind: 'datetime' }, ['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1969-12-31 23:59:59.5']);
    await exact({ kind: 'datetime' }, [
      '2000-02-29 12:00:00',
      '1900-03-01 00:00:00.000001',
      '2255-03-14 16:00:01.000001',
    ]);
    await exact({ kind: 'date' }, ['0001-01-01', '9999-12-31', '2000-02-29', '1900-02-28', '1900-03-01', '2023-12-31']);
    await exact({ kind: 'time' }, ['00:00:00', '23:59:59.999999']);
    await exact({ kind: 'decimal', precision: 9, scale: 9 }, ['-0.999999999', '0.000000001']);
    await exact({ kind: 'decimal', precision: 18, scale: 3 }, ['-999999999999999.999', '0.001', '123456789012.345']);
    await exact({ kind: 'decimal', precision: 76 }, ['9'.repeat(76), `-${'9'.repeat(76)}`, '0', '-1']);
    await exact({ kind: 'decimal', precision: 38, scale: 37 }, [`-0.${'9'.repeat(37)}`, `9.${'9'.repeat(37)}`]);
  });

  it('keeps lists and objects within each other, with nulls and emptiness where they were', async () => {
    const list = (elementType: Type): Type => ({ kind: 'array', elementType });
    const object: Type = {
      kind: 'object',
      properties: [
        { name: 'tags', type: list(string), description: '' },
        {
          name: 'at',
          type: { kind: 'object', properties: [{ name: 'n', type: int, description: '' }] },
          description: '',
        },
      ],
    };
    const lists = [null, [], [[]], [['a'], [], null, ['b', null]], [null]];
    expect(await roundTrip(list(list(string)), lists)).toEqual(lists);
    const objects = [{ tags: ['a'], at: { n: 1 } }, { tags: null, at: null }, null, { tags: [], at: { n: null } }];
    expect(await roundTrip(object, objects)).toEqual(objects);
    expect(await roundTrip(list(object), [objects, [], null])).toEqual([objects, [], null]);
  });

  it('keeps nulls and emptiness that come in runs of any length', async () => {
    const run = fc.record({
      value: fc.constantFrom(null, [], ['a'], ['a', null, 'b']),
      length: fc.integer({ min: 1, max: 40 }),
    });
    const property = fc.asyncProperty(fc.array(run, { maxLength: 30 }), async (runs) => {
      const lists = runs.flatMap(({ value, length }) => Array.from({ length }, () => value));
      expect(await roundTrip({ kind: 'array', elementType: string }, lists)).toEqual(lists);
      const flags = lists.map((list) => (list === null ? null : list.length > 1));
      expect(await roundTrip({ kind: 'boolean' }, flags)).toEqual(flags);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('has types that are nested beyond what readers take as JSON', async () => {
    let [type, value]: [Type, Value] = [string, 'a'];
    for (let depth = 0; depth < 90; depth += 1) [type, value] = [{ kind: 'array', elementType: type }, [value]];
    const [read] = await roundTrip(type, [value]);
    expect(JSON.stringify(read).replaceAll('\\', '')).toContain('"a"');
  });

  it('refuses a decimal that its type does not hold, and names the column only', async () => {
    for (const [precision, value] of [
      [3, '1234'],
      [3, '-99.95'],
      [18, '1'.repeat(19)],
      [20, '1'.repeat(21)],
    ] as const) {
      expect(await rejection(roundTrip({ kind: 'decimal', precision, scale: 1 }, [value]))).toMatchObject({
        code: 'DestinationRefused',
        message: expect.stringMatching(/^column "a" has a value that is no decimal of \d+ digits, 1 of them/),
      });
    }
  });

  it('has columns also without records', async () => {
    const columns = [
      { name: 'id', type: string },
      { name: 'n', type: int },
    ];
    const file = await written(parquet.openForWriting({}), columns, []);
    const { columns: found, rows } = await readFile(parquet.open({}), contentOf(file));
    expect(found.map(({ name }) => name)).toEqual(['id', 'n']);
    expect(rows).toEqual([]);
    expect(await parquetReadObjects({ file: arrayBuffer(file) })).toEqual([]);
  });

  it('takes settings that are none for the defaults, and refuses others', () => {
    expect(parquet.openForWriting({}).contentType).toBe('application/vnd.apache.parquet');
    expect(() => parquet.openForWriting({ compression: 'lzo' })).toThrow(
      expect.objectContaining({ code: 'InvalidSettings' }),
    );
  });
});

/** Takes bytes and counts them. */
function counted(highWaterMark = 16 * 1024): { readonly out: Writable; readonly bytes: () => number } {
  let bytes = 0;
  const write = (chunk: Buffer, _: BufferEncoding, callback: () => void): void => {
    bytes += chunk.length;
    setImmediate(callback);
  };
  return { out: new Writable({ highWaterMark, write }), bytes: () => bytes };
}

/** Batches of a size that divides no limit. */
function* batchesOf(rows: number, row: (index: number) => DestinationRow): Generator<DestinationRow[]> {
  const BATCH = 777;
  for (let at = 0; at < rows; at += BATCH) {
    yield Array.from({ length: Math.min(BATCH, rows - at) }, (_, index) => row(at + index));
  }
}

describe('writing a file of Parquet', () => {
  const columns = [
    { name: 'n', type: int },
    { name: 'label', type: string },
  ];

  it('makes row groups of at most 100,000 records, and pages of about 1 MiB', { timeout: 60_000 }, async () => {
    const row = (index: number): DestinationRow => [index, index % 3 === 0 ? null : `label of record ${index}`];
    const file = await written(parquet.openForWriting({}), columns, [...batchesOf(250_001, row)]);
    const { row_groups: groups } = parquetMetadata(arrayBuffer(file));
    expect(groups.map(({ num_rows: rows }) => Number(rows))).toEqual([100_000, 100_000, 50_001]);
    const rows = await valuesOf(file);
    expect(rows.length).toBe(250_001);
    for (const [index, read] of rows.entries()) {
      if (read[0] !== index || read[1] !== row(index)[1]) expect(read).toEqual(row(index));
    }
  });

  it('holds a bounded part of the file, however large its records are', { timeout: 60_000 }, async () => {
    const { out, bytes } = counted();
    const writer = parquet.openForWriting({ compression: 'none' }).open(out, { sheet: null, columns });
    const label = 'x'.repeat(64 * 1024);
    let given = 0;
    for (const batch of batchesOf(4_000, (index) => [index, label])) {
      await writer.write(batch);
      given += batch.length * label.length;
      expect(given - bytes()).toBeLessThan(64 * MIB);
    }
    await writer.end();
    expect(bytes()).toBeGreaterThan(given);
  });

  it('keeps many columns in small pages, so that they can be read again', { timeout: 60_000 }, async () => {
    const wide = Array.from({ length: 1_500 }, (_, index) => ({ name: `c${index}`, type: string }));
    const row = (index: number): DestinationRow => wide.map((_, column) => `${index}.${column}`);
    const before = process.memoryUsage().arrayBuffers;
    const { out } = counted();
    const writer = parquet.openForWriting({}).open(out, { sheet: null, columns: wide });
    for (const batch of batchesOf(6_000, row)) await writer.write(batch);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(192 * MIB);
    await writer.end();
    const file = await written(parquet.openForWriting({}), wide, [...batchesOf(700, row)]);
    expect((await valuesOf(file))[699]).toEqual(row(699));
  });

  it('makes few row groups of many columns that can be compressed', { timeout: 60_000 }, async () => {
    const wide = Array.from({ length: 200 }, (_, index) => ({ name: `c${index}`, type: string }));
    const row: DestinationRow = wide.map(() => 'the same in all records'.repeat(5));
    const file = await written(parquet.openForWriting({}), wide, [...batchesOf(5_000, () => row)]);
    expect(parquetMetadata(arrayBuffer(file)).row_groups.length).toBe(1);
  });

  it('waits for a stream that is slow, and ends with one that is destroyed', async () => {
    const out = new PassThrough({ highWaterMark: 1 });
    const writer = parquet.openForWriting({}).open(out, { sheet: null, columns });
    await writer.write([[1, 'a']]);
    const ended = rejection(writer.end());
    const error = new Error('the storage is away');
    out.destroy(error);
    expect(await ended).toBe(error);
  });
});
