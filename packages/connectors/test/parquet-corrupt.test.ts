import { AppError } from '@penstock/domain';
import { describe, expect, it } from 'vitest';
import { parquet } from '../src/parquet/parquet.js';
import { contentInMemory, fixture, written } from './parquet-files.js';
import { readFile } from './read-format.js';
import { rejection } from './read-source.js';

const format = parquet.open({});

/** How many records a file has, or why it is refused. */
async function outcome(bytes: Buffer): Promise<number | string> {
  try {
    const { rows, columns } = await readFile(format, contentInMemory(bytes).content);
    expect(rows.every((row) => row.length === columns.length)).toBe(true);
    return rows.length;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(['InvalidFile', 'NoColumnsFound']).toContain(error.code);
    return error.message;
  }
}

async function refusal(bytes: Buffer): Promise<string> {
  const error = await rejection(readFile(format, contentInMemory(bytes).content));
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code: 'InvalidFile' });
  return (error as AppError).message;
}

/** Small, with all encodings of hyparquet-writer, a dictionary, nulls and lists. */
function small(codec: 'UNCOMPRESSED' | 'SNAPPY'): Buffer {
  const count = 12;
  const of = <T>(make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
  return written({
    codec,
    statistics: false,
    schema: [
      { name: 'root', num_children: 7 },
      { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'kind', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'score', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'flag', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
      { name: 'tags', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'id', data: of((index) => index), encoding: 'DELTA_BINARY_PACKED' },
      { name: 'name', data: of((index) => `n${index}`), encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
      { name: 'kind', data: of((index) => (index % 3 === 0 ? null : `kind ${index % 2}`)) },
      { name: 'score', data: of((index) => index / 2), encoding: 'BYTE_STREAM_SPLIT' },
      { name: 'path', data: of((index) => `/a/b/${index}`), encoding: 'DELTA_BYTE_ARRAY' },
      { name: 'flag', data: of((index) => index % 2 === 0) },
      { name: 'tags', data: of((index) => (index === 2 ? null : [BigInt(index), null])) },
    ],
  });
}

/** Overwrites the first place of some bytes behind a position. */
function replaced(bytes: Buffer, from: Buffer, to: Buffer, behind = 0): Buffer {
  const at = bytes.indexOf(from, behind);
  expect(at).toBeGreaterThan(0);
  const changed = Buffer.from(bytes);
  to.copy(changed, at);
  return changed;
}

describe('Parquet files that are none, or not whole', () => {
  it('are told from those that are encrypted, cut off or corrupt', async () => {
    const bytes = small('SNAPPY');
    expect(await refusal(Buffer.alloc(0))).toBe('the Parquet file is corrupt or cut off: it is empty');
    expect(await refusal(Buffer.from('id,name\n1,Ada\n'))).toContain(
      'no Parquet file, as it does not begin with PAR1; choose the format that it has',
    );
    expect(await refusal(Buffer.from('PAR1'))).toContain('its metadata is missing');
    expect(await refusal(bytes.subarray(0, -1))).toContain('does not end with PAR1');
    expect(await refusal(Buffer.concat([Buffer.from('PARE'), bytes.subarray(4)]))).toContain('it is encrypted');
    expect(await refusal(Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')]))).toContain('it is encrypted');
    const long = Buffer.from(bytes);
    long.writeUInt32LE(0xfffffff0, bytes.length - 8);
    expect(await refusal(long)).toContain('its metadata is said to be longer than the file');
    const thrift = Buffer.from(bytes);
    thrift.fill(0xff, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8), bytes.length - 8);
    expect(await refusal(thrift)).toContain('its metadata');
  });

  it('are refused at every length', async () => {
    for (const bytes of [small('SNAPPY'), fixture('nested')]) {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(typeof (await outcome(bytes.subarray(0, length)))).toBe('string');
      }
    }
  });

  it.each([
    ['of hyparquet-writer', () => small('UNCOMPRESSED'), 12, [0x01, 0x80, 0xff]],
    ['of hyparquet-writer, compressed', () => small('SNAPPY'), 12, [0xff]],
    ['of DuckDB with nested columns', () => fixture('nested'), 4, [0xff]],
    ['of DuckDB with dictionaries', () => fixture('types-v2'), 5, [0x80]],
    ['of DuckDB with many encodings', () => fixture('encodings'), 3000, [0xff]],
  ])(
    'are refused or have all their records with bytes changed all over them: a file %s',
    async (_, make, count, masks) => {
      const bytes = make();
      // Of a file with many records or columns only some bytes, as each is read whole.
      const step = count > 100 ? 19 : Math.ceil(bytes.length / 3000);
      for (let at = 0; at < bytes.length; at += step) {
        for (const mask of masks) {
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] as number) ^ mask;
          const result = await outcome(changed);
          if (typeof result === 'number') expect(result, `byte ${at} ^ ${mask}`).toBe(count);
        }
      }
    },
  );
});

describe('Parquet files that lie', () => {
  it('about their number of records do not make it read or reserve more', async () => {
    // 12 as a zigzag number in the metadata of the file and of the row group, both as a number of ten bytes.
    const bytes = written({
      codec: 'UNCOMPRESSED',
      columnData: [{ name: 'id', data: new Int32Array(60), type: 'INT32' }],
    });
    const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    const huge = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
    let metadata = bytes.subarray(start, -8);
    for (let at = metadata.indexOf(0x78); at !== -1; at = metadata.indexOf(0x78, at + huge.length)) {
      metadata = Buffer.concat([metadata.subarray(0, at), huge, metadata.subarray(at + 1)]);
    }
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    const lying = Buffer.concat([bytes.subarray(0, start), metadata, length, Buffer.from('PAR1')]);
    const before = process.memoryUsage().rss;
    expect(await outcome(lying)).toContain('corrupt');
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('about the size of a page reserve no memory for it', async () => {
    const bytes = written({ codec: 'SNAPPY', columnData: [{ name: 'id', data: [1, 2, 3], type: 'INT32' }] });
    // A page's header: its type, then the sizes of its bytes, decompressed and stored, as zigzag numbers.
    expect(bytes.subarray(4, 7)).toEqual(Buffer.from([0x15, 0x06, 0x15]));
    for (const [size, text] of [
      ['ffffffff0f', 'corrupt'],
      ['feffffff0f', 'has a page of 2147483647 bytes, at most 134217728 are read'],
    ]) {
      const lying = Buffer.concat([bytes.subarray(0, 7), Buffer.from(size as string, 'hex'), bytes.subarray(8)]);
      const before = process.memoryUsage().rss;
      expect(await refusal(lying)).toContain(text);
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    }
  });

  it('about a codec that nothing reads are refused by its name', async () => {
    const bytes = small('SNAPPY');
    const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    // In the metadata of a column the codec follows the list of names of its path.
    const path = Buffer.from([0x19, 0x18, 0x02, 0x69, 0x64, 0x15, 0x02]);
    const lzo = replaced(bytes, path, Buffer.from([0x19, 0x18, 0x02, 0x69, 0x64, 0x15, 0x06]), start);
    expect(await refusal(lzo)).toContain('compressed with LZO, which is not supported');
  });
});
