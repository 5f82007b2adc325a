import { describe, expect, it } from 'vitest';
import type { FileContent } from '../src/files/file-format.js';
import { json } from '../src/json/json.js';
import { contentOf, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const MEBIBYTE = 1024 * 1024;
const settings = { properties: [{ key: 'a', value: 'f' }] };
const format = json.open(settings);
const request = { sheet: null, expected: null };

interface Repeated extends FileContent {
  /** Bytes that were taken. */
  taken(): number;
  closed(): boolean;
}

/** A beginning, then a piece again and again up to a length, then an end. */
function repeated(head: string, piece: string, { tail, bytes }: { tail: string; bytes: number }): Repeated {
  const chunk = Buffer.from(piece.repeat(Math.max(1, Math.floor((64 * 1024) / piece.length))));
  let taken = 0;
  let isClosed = false;
  return {
    stream: async function* () {
      try {
        yield Buffer.from(head);
        for (; taken < bytes; taken += chunk.length) yield chunk;
        yield Buffer.from(tail);
      } finally {
        isClosed = true;
      }
    },
    local: () => Promise.reject(new Error('it is not read as a file')),
    taken: () => taken,
    closed: () => isClosed,
  };
}

interface Measured {
  readonly rows: number;
  readonly unreadable: number;
  readonly largestBatch: number;
  /** How much more memory there was, at the most. */
  readonly memory: number;
}

async function measure(content: FileContent): Promise<Measured> {
  const before = process.memoryUsage.rss();
  const result = { rows: 0, unreadable: 0, largestBatch: 0, memory: 0 };
  const reader = await format.open(content, request, unhurried());
  for await (const { rows, unreadable } of reader.batches()) {
    result.rows += rows.length;
    result.unreadable += unreadable.length;
    result.largestBatch = Math.max(result.largestBatch, rows.length + unreadable.length);
    result.memory = Math.max(result.memory, process.memoryUsage.rss() - before);
  }
  result.memory = Math.max(result.memory, process.memoryUsage.rss() - before);
  return result;
}

describe('JSON files that are made to do harm', () => {
  it.each([
    ['the whole file', ''],
    ['a value', '[{"a":'],
    ['a value that is not read', '[{"x":'],
    ['the records', '{"x":'],
  ])('nest a million levels deep in %s', async (_what, head) => {
    for (const piece of ['[', '{"y":']) {
      const error = await rejection(readFile(format, contentOf(head + piece.repeat(1_000_000))));
      expect(error).toMatchObject({ code: 'InvalidFile' });
    }
  });

  it('may nest as deep as JSON may be, and no deeper', async () => {
    const nested = (levels: number) => `[{"a":${'['.repeat(levels)}${']'.repeat(levels)}}]`;
    expect((await readFile(format, contentOf(nested(1_000)))).rows).toHaveLength(1);
    expect((await readFile(json.open({}), contentOf(`{"x":${nested(1_000)}}`))).rows).toHaveLength(1);
    expect(await rejection(readFile(format, contentOf(nested(1_001))))).toMatchObject({
      code: 'InvalidFile',
      message: 'line 1, column 1007: a value is nested deeper than 1000 levels; at most these can be read',
    });
  });

  it.each([
    ['a string', '[\n{"a":"', 'xxxxxxxx', 2],
    ['a string without ASCII', '[\n{"a":"', 'é日', 2],
    ['a record of white space', '{}\n{', '        ', 2],
    ['a line of white space', '{}\n{}\n', '        ', 3],
    ['a first line', '{"a":"', 'xxxxxxxx', 1],
    ['a record with millions of members', '[\n\n{"a":1', ',"b":2', 3],
    ['a key', '[{"', 'xxxxxxxx', 1],
    ['a number', '[', '1', 1],
  ])('have %s of a gigabyte', async (_what, head, piece, line) => {
    const content = repeated(head, piece, { tail: '', bytes: 1024 * MEBIBYTE });
    const before = process.memoryUsage.rss();
    const error = await rejection(measure(content));
    expect(error).toMatchObject({
      code: 'InvalidFile',
      message: expect.stringContaining(`the record that begins in line ${line} is larger than 16 MiB`),
    });
    expect(content.taken()).toBeLessThan(2 * 3 * 16 * MEBIBYTE);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MEBIBYTE);
    expect(content.closed()).toBe(true);
  });

  it('have a record just below the limit, and just above it', async () => {
    const record = (bytes: number) => `[{"a":"${'x'.repeat(bytes - 8)}"}]`;
    expect((await readFile(format, contentOf(record(16 * MEBIBYTE)))).rows).toHaveLength(1);
    expect(await rejection(readFile(format, contentOf(record(16 * MEBIBYTE + 1))))).toMatchObject({
      code: 'InvalidFile',
    });
  });

  it('have white space of 200 MiB between two records', async () => {
    const content = repeated('[{"a":1},', ' \n', { tail: '{"a":2}]', bytes: 200 * MEBIBYTE });
    const { rows, memory } = await measure(content);
    expect(rows).toBe(2);
    expect(memory).toBeLessThan(200 * MEBIBYTE);
  });

  it('have no records in a preview but white space or numbers', async () => {
    for (const [head, piece] of [
      ['[', ' '],
      ['[0', ',1'],
    ] as const) {
      const content = repeated(head, piece, { tail: ']', bytes: 1024 * MEBIBYTE });
      expect(await rejection(readFile(json.open({}), content))).toMatchObject({ code: 'NoColumnsFound' });
      expect(content.taken()).toBeLessThan(64 * MEBIBYTE);
    }
  });

  it('have millions of elements that are no objects', async () => {
    const content = repeated('[0', ',1', { tail: ']', bytes: 4 * MEBIBYTE });
    const { rows, unreadable, largestBatch } = await measure(content);
    expect([rows, unreadable, largestBatch]).toEqual([0, 1 + 2 * MEBIBYTE, 500]);
  });

  it('have a million tiny members in a record, and other keys in every record', async () => {
    const members = Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',');
    const others = Array.from({ length: 50_000 }, (_, index) => `{"k${index}":0,"a":${index}}`).join(',');
    const { rows } = await measure(contentOf(`[{${members},"a":1},${others}]`));
    expect(rows).toBe(50_001);
  });

  it('have lines of which each could go on in the next', async () => {
    const content = repeated('{}\n', '{"a":\n', { tail: '', bytes: 6 * MEBIBYTE });
    const { rows, unreadable } = await measure(content);
    expect(rows).toBe(1);
    expect(unreadable).toBeGreaterThan(MEBIBYTE);
  });

  it('have bytes that are not UTF-8 in every record', async () => {
    const bytes = Buffer.from('{"a":"\ufffd?"}\n'.repeat(200_000));
    for (let at = bytes.indexOf('?'); at !== -1; at = bytes.indexOf('?', at)) bytes[at] = 0xff;
    const { rows, unreadable } = await measure(contentOf(bytes));
    expect([rows, unreadable]).toEqual([0, 200_000]);
  });
});

/** A beginning, and then nothing more. */
function stalled(head: string): FileContent {
  return {
    stream: async function* () {
      yield Buffer.from(head);
      await new Promise(() => undefined);
    },
    local: () => Promise.reject(new Error('it is not read as a file')),
  };
}

describe('a reader of JSON', () => {
  const endless = (): Repeated => repeated('[{"a":1}', ',{"a":1}', { tail: ']', bytes: Number.POSITIVE_INFINITY });

  it('delivers batches of at most 500 records and about a mebibyte', async () => {
    const wide = repeated('[{}', `,{"a":"${'x'.repeat(10_000)}"}`, { tail: ']', bytes: 20 * MEBIBYTE });
    const reader = await format.open(wide, request, unhurried());
    for await (const { rows } of reader.batches()) expect(rows.length).toBeLessThan(110);
    expect((await measure(contentOf('{"a":1}\n'.repeat(2_001)))).largestBatch).toBe(500);
  });

  it('ends with the reason of an abort while the content delivers nothing', async () => {
    for (const head of ['', '[{"a":1},']) {
      const abort = new AbortController();
      const reading = readFile({ open: (content, asked) => format.open(content, asked, abort.signal) }, stalled(head));
      setImmediate(() => abort.abort(new Error('enough')));
      expect(await rejection(reading)).toMatchObject({ message: 'enough' });
    }
  });

  it('ends with the reason of an abort while the content delivers on and on', async () => {
    const abort = new AbortController();
    const content = endless();
    const reader = await format.open(content, request, abort.signal);
    const reading = (async () => {
      let batches = 0;
      for await (const _ of reader.batches()) if (++batches === 10) abort.abort(new Error('enough'));
    })();
    expect(await rejection(reading)).toMatchObject({ message: 'enough' });
    await reader.close();
    expect(content.closed()).toBe(true);
  });

  it('gives way to other work while the content is there at once', async () => {
    let turns = 0;
    let isRead = false;
    const count = (): void => {
      turns++;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    await measure(repeated('[{}', ' '.repeat(1024), { tail: ']', bytes: 20 * MEBIBYTE }));
    isRead = true;
    expect(turns).toBeGreaterThanOrEqual(15);
  });

  it('closes the content when it is left in the middle, and when it is closed', async () => {
    const left = endless();
    const reader = await format.open(left, request, unhurried());
    for await (const { rows } of reader.batches()) if (rows.length > 0) break;
    expect(left.closed()).toBe(true);
    const unread = endless();
    const other = await format.open(unread, request, unhurried());
    await other.close();
    await other.close();
    expect(unread.closed()).toBe(true);
    expect(await rejection(readFile({ open: async () => other }, unread))).toMatchObject({
      message: 'the reader was closed',
    });
  });

  it('closes the content of a file that cannot be read', async () => {
    const content = repeated('[{"a":1}', ' x', { tail: ']', bytes: MEBIBYTE });
    expect(await rejection(readFile(json.open({}), content))).toMatchObject({ code: 'InvalidFile' });
    expect(content.closed()).toBe(true);
  });

  it('ends a read that waits for the content when it is closed', async () => {
    const reader = await format.open(stalled(`[{"a":1}${',{"a":1}'.repeat(10_000)}`), request, unhurried());
    const reading = readFile({ open: async () => reader }, stalled(''));
    setImmediate(() => void reader.close());
    expect(await rejection(reading)).toMatchObject({ message: 'the reader was closed' });
  });

  it('passes on what the content throws', async () => {
    const failure = new Error('the connection was lost');
    const failing: FileContent = {
      stream: async function* () {
        yield Buffer.from('[{"a":1},');
        throw failure;
      },
      local: () => Promise.reject(failure),
    };
    expect(await rejection(readFile(format, failing))).toBe(failure);
  });
});
