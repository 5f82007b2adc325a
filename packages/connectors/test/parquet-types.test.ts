import type { RawField } from '@penstock/engine';
import { type Value, ValueFailure } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import { decodeInt96 } from '../src/parquet/decode-times.js';
import { parquet } from '../src/parquet/parquet.js';
import { PlainBytes } from '../src/parquet/plain-bytes.js';
import { contentInMemory, fixture, written } from './parquet-files.js';
import { readFile } from './read-format.js';

const format = parquet.open({});

async function read(bytes: Buffer) {
  return await readFile(format, contentInMemory(bytes).content);
}

type WriteOptions = Parameters<typeof written>[0];
type Element = NonNullable<WriteOptions['schema']>[number];

/** Reads one column that is written with a schema element. */
async function readColumn(element: Omit<Element, 'name'>, data: unknown[], encoding?: 'BYTE_STREAM_SPLIT') {
  const column = { name: 'c', data: data as never, ...(encoding === undefined ? {} : { encoding }) };
  const options = {
    schema: [
      { name: 'root', num_children: 1 },
      { repetition_type: 'REQUIRED', ...element, name: 'c' },
    ],
  };
  const { columns, rows } = await read(written({ ...(options as WriteOptions), columnData: [column] }));
  return { type: columns[0]?.type, nullable: columns[0]?.nullable, values: rows.map(([value]) => shownValue(value)) };
}

/** Failures by their message. */
function shownValue(value: unknown): unknown {
  return value instanceof ValueFailure ? `${value.step} ${value.code}: ${value.message}` : value;
}

const INT = (bitSize: number) => ({ kind: 'int', bitSize });
const FLOAT = (bitSize: number) => ({ kind: 'float', bitSize });

/** The columns of the fixture: name, type, values of its records 0 and 4. */
const TYPES: readonly (readonly [string, object, Value | string, Value | string])[] = [
  ['id', INT(64), '0', '4'],
  ['flag', { kind: 'boolean' }, true, true],
  ['tiny', INT(8), 0, 4],
  ['small', INT(16), 1000, 1004],
  ['big', INT(64), '0', '36028797018963972'],
  ['utiny', { ...INT(8), unsigned: true }, 200, 204],
  ['usmall', { ...INT(16), unsigned: true }, 60000, 60004],
  ['uint32', { ...INT(32), unsigned: true }, 4000000000, 4000000004],
  ['uint64', { ...INT(64), unsigned: true }, '18446744073709551610', '18446744073709551614'],
  ['f32', FLOAT(32), 0.5, 4.5],
  ['f64', FLOAT(64), 0.1, 4.1],
  ['dec4', { kind: 'decimal', precision: 4, scale: 2 }, '0.00', '4.20'],
  ['dec9', { kind: 'decimal', precision: 9, scale: 3 }, '0.000', '-49382.712'],
  ['dec18', { kind: 'decimal', precision: 18, scale: 4 }, '0.0000', '493827156049.3824'],
  [
    'dec38',
    { kind: 'decimal', precision: 38, scale: 10 },
    '-1234567890123456789012345678.0123456780',
    '-1234567890123456789012345678.0123456784',
  ],
  ['text', { kind: 'string' }, 'text 0 ü€😀', 'text 4 ü€😀'],
  ['maybe', { kind: 'string' }, 'x', 'x'],
  ['day', { kind: 'date' }, '2024-02-28', '2024-03-03'],
  ['tm', { kind: 'time' }, '23:59:59.123456', '23:59:59.123456'],
  ['ts_us', { kind: 'datetime' }, '1969-12-31 23:59:59.999999', '1970-01-01 00:00:03.999999'],
  ['ts_ns', { kind: 'datetime' }, '2262-04-11 23:47:16.854775806', '2262-04-11 23:47:16.854775806'],
  ['ts_ms', { kind: 'datetime' }, '0001-01-01 00:00:00.001', '0001-01-01 00:00:00.001'],
  ['ts_s', { kind: 'datetime' }, '9999-12-31 23:59:59', '9999-12-31 23:59:59'],
  ['tz', { kind: 'datetime' }, '2024-02-29 10:30:00.5', '2024-02-29 10:30:00.5'],
  ['uid', { kind: 'uuid' }, '00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000004'],
  [
    'bytes',
    { kind: 'string' },
    'InputValidation InvalidText: text of property "bytes" is not valid UTF-8',
    'InputValidation InvalidText: text of property "bytes" is not valid UTF-8',
  ],
  ['blob_text', { kind: 'string' }, 'plain', 'plain'],
  ['js', { kind: 'json' }, '{"a":0}', '{"a":4}'],
  ['en', { kind: 'string' }, 'e0', 'e0'],
];

describe('Columns of Parquet', () => {
  it.each(['types', 'types-v2'])('have the types and the exact values that DuckDB wrote: %s', async (name) => {
    const { columns, issues, rows } = await read(fixture(name));
    expect(columns.map((column) => [column.name, column.type, column.nullable])).toEqual(
      TYPES.map(([column, type]) => [column, type, true]),
    );
    expect(issues).toEqual(['column "span" has type "INTERVAL", which is not supported; it is left out']);
    expect(rows).toHaveLength(5);
    expect(rows[0]?.map(shownValue)).toEqual(TYPES.map(([, , first]) => first));
    expect(rows[4]?.map(shownValue)).toEqual(TYPES.map(([, , , last]) => last));
    expect(rows.map((row) => row[16])).toEqual(['x', 'x', null, 'x', 'x']);
  });

  it('are nullable where they are optional, and not where they are required', async () => {
    expect(await readColumn({ type: 'INT32' }, [1])).toMatchObject({ nullable: false, values: [1] });
    const optional = { type: 'INT32', repetition_type: 'OPTIONAL' } as const;
    expect(await readColumn(optional, [1, null])).toMatchObject({ nullable: true, values: [1, null] });
  });

  it('hold integers up to their bounds, and fail where the file has others', async () => {
    const limits = [-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    expect((await readColumn({ type: 'INT64' }, limits)).values).toEqual(limits.map(String));
    const small = await readColumn({ type: 'INT32', converted_type: 'INT_8' }, [-129, -128, 127, 128]);
    const failure = 'InputValidation NumberOutOfRange: number of property "c" is not in range [-128,127]';
    expect(small).toMatchObject({ type: INT(8), values: [failure, -128, 127, failure] });
    const unsigned = { type: 'INT32', logical_type: { type: 'INTEGER', bitWidth: 16, isSigned: false } } as const;
    const outside = 'InputValidation NumberOutOfRange: number of property "c" is not in range [0,65535]';
    expect((await readColumn(unsigned, [-1, 0, 65535])).values).toEqual([outside, 0, 65535]);
  });

  it('hold floats of 16, 32 and 64 bits with what is not a number', async () => {
    const numbers = [1.5, -0.25, 65504, 2 ** -24, Number.NaN, Number.POSITIVE_INFINITY];
    const half = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } } as const;
    expect(await readColumn(half, numbers)).toMatchObject({ type: FLOAT(32), values: numbers });
    expect((await readColumn({ type: 'FLOAT' }, [0.1, Number.NaN])).values).toEqual([Math.fround(0.1), Number.NaN]);
    const split = await readColumn({ type: 'DOUBLE' }, [0.1, -1e300], 'BYTE_STREAM_SPLIT');
    expect(split.values).toEqual([0.1, -1e300]);
  });

  it('hold decimals exactly whatever they are stored as, and fail beyond their precision', async () => {
    const decimal = { converted_type: 'DECIMAL', precision: 4, scale: 2 } as const;
    const tooLong = 'InputValidation NumberOutOfRange: number of property "c" has more than 4 digits';
    const values = ['-99.99', '-0.05', '0.00', '12.30', tooLong];
    const unscaled = [-9999n, -5n, 0n, 1230n, 10000n];
    for (const storage of [{ type: 'INT32' }, { type: 'INT64' }, { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 5 }]) {
      const column = await readColumn({ ...decimal, ...storage } as Element, unscaled);
      expect(column).toMatchObject({ type: { kind: 'decimal', precision: 4, scale: 2 }, values });
    }
    const long = 10n ** 76n - 1n;
    const variable = { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 76, scale: 37 } as const;
    const digits = '9'.repeat(39);
    expect((await readColumn(variable, [long, -long])).values).toEqual([
      `${digits}.${'9'.repeat(37)}`,
      `-${digits}.${'9'.repeat(37)}`,
    ]);
  });

  it('hold times in all units, with old annotations too, and fail outside of the years 1 to 9999', async () => {
    const year = 'InputValidation YearOutOfRange: year of property "c" is not in range [1,9999]';
    const millis = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as const;
    expect((await readColumn(millis, [-1n, 253402300799999n, 253402300800000n, -62135596800001n])).values).toEqual([
      '1969-12-31 23:59:59.999',
      '9999-12-31 23:59:59.999',
      year,
      year,
    ]);
    const micros = { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' } as const;
    expect((await readColumn(micros, [253402300799999999n, 2n ** 63n - 1n, 1500000n])).values).toEqual([
      '9999-12-31 23:59:59.999999',
      year,
      '1970-01-01 00:00:01.5',
    ]);
    const nanos = {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' },
    } as const;
    expect((await readColumn(nanos, [-(2n ** 63n), -1n, 999999999n, 1000000000n])).values).toEqual([
      '1677-09-21 00:12:43.145224192',
      '1969-12-31 23:59:59.999999999',
      '1970-01-01 00:00:00.999999999',
      '1970-01-01 00:00:01',
    ]);
    const date = await readColumn({ type: 'INT32', converted_type: 'DATE' }, [-719162, 2932896, 2932897, -719163]);
    expect(date.values).toEqual(['0001-01-01', '9999-12-31', year, year]);
  });

  it('of the type INT96 hold nanoseconds of a Julian day', () => {
    const bytes = Buffer.alloc(24);
    bytes.writeBigInt64LE(86399999999999n, 0);
    bytes.writeInt32LE(2440587, 8);
    bytes.writeInt32LE(2440588 + 2932897, 20);
    const out: RawField[] = [];
    decodeInt96('c')(new PlainBytes(bytes, 0, 24), 2, out);
    const year = 'InputValidation YearOutOfRange: year of property "c" is not in range [1,9999]';
    expect(out.map(shownValue)).toEqual(['1969-12-31 23:59:59.999999999', year]);
  });

  it('hold times of the day, and fail outside of it', async () => {
    const outside =
      'InputValidation TimeOutOfRange: time of property "c" is not between 00:00:00 and 23:59:59.999999999';
    const millis = { type: 'INT32', converted_type: 'TIME_MILLIS' } as const;
    const values = ['00:00:00', '23:59:59.999', outside, outside];
    expect((await readColumn(millis, [0, 86399999, 86400000, -1])).values).toEqual(values);
    const nanos = { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: true, unit: 'NANOS' } } as const;
    const fine = ['00:00:00.00000001', '23:59:59.999999999', outside, outside];
    expect((await readColumn(nanos, [10n, 86399999999999n, 86400000000000n, -1n])).values).toEqual(fine);
  });

  it('of JSON fail where it is not valid, others do not', async () => {
    const invalid = 'InputValidation InvalidJson: value of property "c" is not valid JSON';
    const json = { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } } as const;
    const texts = ['{"a":1}', '{"a":', 'null'].map((text) => Buffer.from(text));
    expect(await readColumn(json, texts)).toMatchObject({
      type: { kind: 'json' },
      values: ['{"a":1}', invalid, 'null'],
    });
  });

  it('fail under the name of their property', async () => {
    const type = { type: 'BYTE_ARRAY', logical_type: { type: 'JSON' }, repetition_type: 'REQUIRED' } as const;
    const bytes = written({
      schema: [
        { name: 'root', num_children: 1 },
        { ...type, name: 'Raw data' },
      ],
      columnData: [{ name: 'Raw data', data: [Buffer.from('{')] }],
    });
    const { rows } = await read(bytes);
    expect(shownValue(rows[0]?.[0])).toBe(
      'InputValidation InvalidJson: value of property "Raw_data" is not valid JSON',
    );
  });

  it('are left out with an issue where Penstock has no such type or the name is that of another', async () => {
    const bytes = written({
      schema: [
        { name: 'root', num_children: 5 },
        { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
        { name: 'first name', type: 'INT32', repetition_type: 'REQUIRED' },
        { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
        { name: 'doc', type: 'BYTE_ARRAY', converted_type: 'BSON', repetition_type: 'REQUIRED' },
        {
          name: 'huge',
          type: 'BYTE_ARRAY',
          converted_type: 'DECIMAL',
          precision: 77,
          scale: 2,
          repetition_type: 'REQUIRED',
        },
      ],
      columnData: [
        { name: 'id', data: [1] },
        { name: 'first name', data: [2] },
        { name: 'id', data: [3] },
        { name: 'doc', data: [Buffer.from('x')] },
        { name: 'huge', data: [4n] },
      ],
    });
    const { columns, issues, rows } = await read(bytes);
    expect(columns.map(({ name }) => name)).toEqual(['id', 'first_name']);
    expect(rows).toEqual([[1, 2]]);
    expect(issues).toEqual([
      'column 3 "id" is left out: its property name "id" is that of column 1 "id"; rename one of them in the file',
      'column "doc" has type "BSON", which is not supported; it is left out',
      'column "huge" has type "DECIMAL(77, 2)", which is not supported; it is left out',
    ]);
  });
});
