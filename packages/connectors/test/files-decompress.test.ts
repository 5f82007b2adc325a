import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Compressor } from 'snappy';
import { describe, expect, it } from 'vitest';
import { bounded, tooLarge } from '../src/files/bounded.js';
import { crc32c } from '../src/files/crc32c.js';
import { gunzip } from '../src/files/decompress.js';
import { unframeSnappy } from '../src/files/snappy-framing.js';
import { rejection } from './read-source.js';
import { dataFrame, frame, STREAM_IDENTIFIER } from './snappy-frames.js';

const DATA = Buffer.concat([randomBytes(200_000), Buffer.alloc(300_000, 'text '), randomBytes(70_000)]);
const SHORT = DATA.subarray(199_000, 220_000);
const CHUNK_BYTES = [1, 7, 4_096, 65_536, 1_000_000];

type Decompress = (content: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
}

async function decompress(by: Decompress, bytes: Buffer, chunkBytes = 65_536): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of by(chunksOf(bytes, chunkBytes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The text of the error, which must be the same however the bytes arrive. */
async function refusal(by: Decompress, bytes: Buffer): Promise<string> {
  const messages = new Set<string>();
  for (const chunkBytes of [1, 7, 65_536]) {
    const error = await rejection(decompress(by, bytes, chunkBytes));
    expect(error).toMatchObject({ code: 'InvalidFile' });
    messages.add((error as Error).message);
  }
  expect([...messages]).toHaveLength(1);
  return [...messages].join();
}

const ofSnappy = async (data: Buffer): Promise<Buffer> => {
  const compressor = new Compressor();
  return Buffer.concat([compressor.update(data), await compressor.finish()]);
};

describe('gzip', () => {
  it.each(CHUNK_BYTES)('is decompressed in chunks of %d bytes', async (chunkBytes) => {
    const data = chunkBytes < 10 ? SHORT : DATA;
    expect((await decompress(gunzip, gzipSync(data), chunkBytes)).equals(data)).toBe(true);
  });

  it.each(CHUNK_BYTES)('may have several members, in chunks of %d bytes', async (chunkBytes) => {
    const members = Buffer.concat([gzipSync('one,'), gzipSync(''), gzipSync(SHORT), gzipSync('two')]);
    const whole = Buffer.concat([Buffer.from('one,'), SHORT, Buffer.from('two')]);
    expect((await decompress(gunzip, members, chunkBytes)).equals(whole)).toBe(true);
  });

  it('may be padded with zero bytes', async () => {
    expect(String(await decompress(gunzip, Buffer.concat([gzipSync('one'), Buffer.alloc(200_000)])))).toBe('one');
  });

  it.each([
    ['text', Buffer.from('garbage')],
    ['text after padding', Buffer.from('\0\0\0garbage')],
    ['the beginning of a member', Buffer.from([0x1f, 0x41])],
  ])('must not be followed by %s', async (_, garbage) => {
    expect(await refusal(gunzip, Buffer.concat([gzipSync('one'), garbage]))).toContain('something else after');
  });

  it('is not taken for complete when it is cut off anywhere', async () => {
    const whole = gzipSync('a text that is cut off');
    for (let length = 1; length < whole.length; length += 1) {
      expect(await refusal(gunzip, whole.subarray(0, length))).toContain('ends in the middle');
    }
  });

  it('must be gzip', async () => {
    expect(await refusal(gunzip, Buffer.from('id,email\n1,2\n'))).toBe(
      'is not gzip data: choose another compression, or none',
    );
    expect(await rejection(decompress(gunzip, Buffer.alloc(0)))).toMatchObject({ code: 'InvalidFile' });
  });

  it('must be what was compressed', async () => {
    const damaged = gzipSync(SHORT);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 6) ^ 1, damaged.length - 6);
    expect(await refusal(gunzip, damaged)).toContain('damaged');
  });

  it('lets errors of its input through', async () => {
    const error = new Error('of the storage');
    const failing = async function* () {
      yield gzipSync(DATA).subarray(0, 1_000);
      throw error;
    };
    const reading = async () => {
      for await (const _ of gunzip(failing()));
    };
    expect(await rejection(reading())).toBe(error);
  });

  it('takes no more of its input than is asked for, and ends it when its consumer stops', async () => {
    let taken = 0;
    let ended = false;
    const input = async function* () {
      try {
        for (const chunk of Array.from({ length: 100 }, () => gzipSync(randomBytes(100_000)))) {
          taken += 1;
          yield chunk;
        }
      } finally {
        ended = true;
      }
    };
    for await (const _ of gunzip(input())) break;
    expect(taken).toBeLessThan(10);
    expect(ended).toBe(true);
  });
});

describe('gzip of an input that stands still', () => {
  it('can be left', async () => {
    const members = Buffer.concat([gzipSync(randomBytes(100_000)), gzipSync(DATA)]);
    const input = async function* () {
      yield members.subarray(0, 200_000);
      await new Promise<never>(() => undefined);
    };
    for await (const _ of gunzip(input())) break;
  });
});

describe('framed snappy', () => {
  it('knows CRC-32C', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });

  it.each(CHUNK_BYTES.slice(1))('is decompressed in chunks of %d bytes', async (chunkBytes) => {
    expect((await decompress(unframeSnappy, await ofSnappy(DATA), chunkBytes)).equals(DATA)).toBe(true);
  });

  it('may have uncompressed chunks, padding, chunks to skip, and further streams', async () => {
    const bytes = Buffer.concat([
      ...[STREAM_IDENTIFIER, dataFrame(Buffer.from('one ')), frame(0xfe, Buffer.alloc(100_000))],
      ...[dataFrame(Buffer.from('two '), { type: 1 }), frame(0x80, Buffer.from('meta')), frame(0xfe, Buffer.alloc(0))],
      ...[STREAM_IDENTIFIER, dataFrame(Buffer.from('three')), dataFrame(Buffer.alloc(0))],
    ]);
    for (const chunkBytes of CHUNK_BYTES) {
      expect(String(await decompress(unframeSnappy, bytes, chunkBytes))).toBe('one two three');
    }
  });

  it('must be snappy, framed', async () => {
    for (const text of ['id,email\n1,2\n', 'ab', '\xff\x06\0\0sNaPpX']) {
      expect(await refusal(unframeSnappy, Buffer.from(text, 'latin1'))).toContain('is not snappy data');
    }
    expect(await rejection(decompress(unframeSnappy, Buffer.alloc(0)))).toMatchObject({ code: 'InvalidFile' });
  });

  it.each([0x02, 0x7f])('must not have chunks of the unknown type %d', async (type) => {
    const bytes = Buffer.concat([STREAM_IDENTIFIER, frame(type, Buffer.from('data'))]);
    expect(await refusal(unframeSnappy, bytes)).toContain(`type ${type}`);
  });

  it('is not taken for complete when it is cut off anywhere but between chunks', async () => {
    const one = Buffer.concat([STREAM_IDENTIFIER, dataFrame(Buffer.from('a text that is cut off'))]);
    const whole = Buffer.concat([one, frame(0xfe, Buffer.alloc(20))]);
    for (let length = STREAM_IDENTIFIER.length + 1; length < whole.length; length += 1) {
      if (length !== one.length) {
        expect(await refusal(unframeSnappy, whole.subarray(0, length))).toContain('ends in the middle');
      }
    }
  });

  it('must have the checksums of its data', async () => {
    const chunk = dataFrame(Buffer.from('a text'));
    chunk.writeUInt8(chunk.readUInt8(5) ^ 1, 5);
    expect(await refusal(unframeSnappy, Buffer.concat([STREAM_IDENTIFIER, chunk]))).toContain('damaged');
  });

  it.each([
    ['more than a chunk may hold', dataFrame(Buffer.alloc(65_537))],
    ['a length of 4 GiB', dataFrame(Buffer.alloc(0), { stored: Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]) })],
    ['a length without end', dataFrame(Buffer.alloc(0), { stored: Buffer.alloc(20, 0xff) })],
    ['a length that is larger than the chunk', frame(0, Buffer.alloc(100_000))],
    ['no room for a checksum', frame(0, Buffer.alloc(3))],
    ['no block', dataFrame(Buffer.alloc(10), { stored: Buffer.from([10, 0xff, 0xff, 0xff]) })],
  ])('refuses a chunk with %s', async (_, chunk) => {
    expect(await refusal(unframeSnappy, Buffer.concat([STREAM_IDENTIFIER, chunk]))).toContain('damaged');
  });
});

describe('decompressed bytes', () => {
  const read = async (bytes: number, maxBytes: number) => {
    let taken = 0;
    const content = async function* () {
      for (; taken < bytes; taken += 1_000) yield Buffer.alloc(1_000);
    };
    const reading = async () => {
      for await (const _ of bounded(content(), { maxBytes, of: 'decompressed', refusal: tooLarge }));
    };
    return {
      error: await reading().then(
        () => undefined,
        (error: unknown) => error,
      ),
      taken,
    };
  };

  it('may be as many as allowed, and not one more', async () => {
    expect((await read(5_000, 5_000)).error).toBeUndefined();
    expect((await read(6_000, 5_999)).error).toMatchObject({ code: 'InvalidFile' });
  });

  it('are no longer made when there are too many', async () => {
    const { error, taken } = await read(1e12, 3 * 1024 * 1024);
    expect(error).toMatchObject({
      message: 'is larger than 3 MiB when decompressed, which this installation allows at most (MAX_FILE_MB)',
    });
    expect(taken).toBeLessThan(4e6);
  });
});
