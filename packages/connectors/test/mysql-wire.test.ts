import { describe, expect, it } from 'vitest';
import { PacketFrames } from '../src/mysql/packet-frames.js';
import { ReadRows } from '../src/mysql/read-rows.js';
import { RowReader } from '../src/mysql/row-reader.js';
import { WIRE } from '../src/mysql/wire.js';

const packet = (body: Buffer, sequence = 0) => {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, body]);
};

/** What a stream of bytes has, fed in chunks of some size. */
function found(stream: Buffer, chunkBytes: number): string[] {
  const all: string[] = [];
  const frames = new PacketFrames({
    packet: (chunk, start, end) => all.push(chunk.toString('latin1', start, end)),
    oversized: () => all.push('oversized'),
  });
  for (let at = 0; at < stream.length; at += chunkBytes) frames.push(stream.subarray(at, at + chunkBytes));
  return all;
}

describe('packets of mysql', () => {
  it('are found wherever they are cut', () => {
    const bodies = ['', 'a', 'bc', 'x'.repeat(300), '', 'end'];
    const stream = Buffer.concat(bodies.map((body) => packet(Buffer.from(body))));
    for (let size = 1; size <= stream.length; size += 1) expect(found(stream, size)).toEqual(bodies);
  });

  it.each([1, 70_000, 0xffffff + 10])(
    'of 16 MiB and more are passed over as one, with %d bytes in the last',
    (last) => {
      const parts = [0xffffff, last > 0xffffff ? 0xffffff : 0, last % 0xffffff].filter(
        (size, at) => at !== 1 || size > 0,
      );
      const large = parts.map((size) => packet(Buffer.alloc(size, 'x')));
      const stream = Buffer.concat([packet(Buffer.from('before')), ...large, packet(Buffer.from('after'))]);
      expect(found(stream, 65_536)).toEqual(['before', 'oversized', 'after']);
    },
  );

  it('of exactly 16 MiB end with an empty one', () => {
    const stream = Buffer.concat([
      packet(Buffer.alloc(0xffffff)),
      packet(Buffer.alloc(0)),
      packet(Buffer.from('after')),
    ]);
    expect(found(stream, 65_536)).toEqual(['oversized', 'after']);
  });
});

describe('rows of mysql', () => {
  const texts = new RowReader([{ name: 'v', wire: WIRE.text, target: 0 }]);
  const row = (...bytes: number[]) => Buffer.from([0, 0, ...bytes]);
  const read = (bytes: Buffer) => texts.read(bytes, 0, bytes.length);

  it.each([
    [[1, 0xe9]],
    [[3, 0xe9, 0x61, 0x62]],
    [[2, 0xe6, 0x97]],
    [[100, ...Array.from({ length: 99 }, () => 0x61), 0xff]],
  ])('are told apart when they are not UTF-8: %j', (bytes) => {
    expect(read(row(...bytes))).toBeUndefined();
  });

  it('may have the character that stands for what cannot be read', () => {
    expect(read(row(3, 0xef, 0xbf, 0xbd))).toEqual(['\ufffd']);
  });

  it.each([[[5, 0x61]], [[1, 0x61, 0x62]], [[0xfe]], [[0xff]], [[]]])(
    'are refused when their lengths lie: %j',
    (bytes) => {
      expect(() => read(row(...bytes))).toThrow();
    },
  );
});

describe('a result of mysql', () => {
  const END = Buffer.from([0xfe, 0, 0, 0, 0]);
  /** A column without names. */
  const COLUMN = Buffer.concat([Buffer.alloc(6), Buffer.from([12, 45, 0, 4, 0, 0, 0, 253, 0, 0, 0, 0, 0])]);
  const GOOD = Buffer.from([0, 0, 1, 0x61]);
  const NOT_UTF8 = Buffer.from([0, 0, 1, 0xe9]);

  it.each([
    ['records', (rows: ReadRows) => feed(rows, GOOD, GOOD)],
    ['records that are not UTF-8', (rows: ReadRows) => feed(rows, NOT_UTF8, NOT_UTF8)],
    ['records that are too large', (rows: ReadRows) => rows.oversized()],
  ])('delivers no %s after its limit', async (_, more) => {
    const rows = new ReadRows({
      wiresOf: () => [{ name: 'v', wire: WIRE.text, target: 0 }],
      limit: 2,
      onFull: () => undefined,
    });
    feed(rows, Buffer.from([1]), COLUMN, END, GOOD, NOT_UTF8);
    more(rows);
    expect(await rows.batches.take()).toMatchObject({ rows: [['a']], unreadable: [{ code: 'InvalidEncoding' }] });
    more(rows);
    feed(rows, END);
    expect(rows.complete).toBe(true);
    expect(await rows.batches.take()).toBeNull();
  });
});

function feed(rows: ReadRows, ...packets: readonly Buffer[]): void {
  for (const bytes of packets) rows.packet(bytes, 0, bytes.length);
}
