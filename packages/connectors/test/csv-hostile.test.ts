import { describe, expect, it } from 'vitest';
import { csv } from '../src/csv/csv.js';
import type { FileContent, FileReader } from '../src/files/file-format.js';
import { contentOf, readFile } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

const MIB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** What a read took. */
interface Cost {
  delivered: number;
  memory: number;
}

/** Memory of the heap and of buffers. */
const memoryNow = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** A beginning, and then the same text again and again until there are so many bytes. */
function endless(beginning: string, repeated: string, bytes: number): { content: FileContent; cost: Cost } {
  const cost = { delivered: 0, memory: 0 };
  const before = memoryNow();
  const chunk = Buffer.from(repeated.repeat(Math.ceil(CHUNK_BYTES / Buffer.byteLength(repeated))));
  const deliver = (delivered: Buffer): Buffer => {
    cost.delivered += delivered.length;
    cost.memory = Math.max(cost.memory, memoryNow() - before);
    return Buffer.from(delivered);
  };
  const stream = async function* (): AsyncGenerator<Buffer> {
    yield deliver(Buffer.from(beginning));
    while (cost.delivered < bytes) yield deliver(chunk);
  };
  return { content: { ...contentOf(''), stream }, cost };
}

const open = (content: FileContent, signal: AbortSignal = unhurried()): Promise<FileReader> =>
  csv.open({}).open(content, { sheet: null, expected: null }, signal);

async function countRecords(reader: FileReader): Promise<number> {
  let records = 0;
  for await (const { rows, unreadable } of reader.batches()) records += rows.length + unreadable.length;
  return records;
}

describe('a hostile CSV file', () => {
  it.each([
    ['a line', 'a,b\n1,2\n', 'x', 3],
    ['a line of many fields', 'a,b\n1,2\n', ',', 3],
    ['a line of other characters', 'a,b\n1,2\n', '漢', 3],
    ['a header', '', 'x', 1],
    ['an open quote', 'a,b\n1,2\n\n3,"', 'x\n', 4],
    ['an open quote and doubled quotes', 'a,b\n1,2\n3,"', '""\n', 3],
    ['an open quote without line breaks', 'a,b\n1,2\n3,"', 'x', 3],
    ['many fields that are quoted', 'a,b\n1,2\n', '"",', 3],
  ])('of a gigabyte in %s is refused with the line, after 16 MiB', async (_what, beginning, repeated, line) => {
    const { content, cost } = endless(beginning, repeated, 1024 * MIB);
    const error = await rejection(open(content).then(countRecords));
    const message = expect.stringMatching(
      new RegExp(`^line ${line}: the record that begins here is larger than 16 MiB`),
    );
    expect(error).toMatchObject({ code: 'InvalidFile', message });
    expect(cost.delivered).toBeLessThan(17 * MIB);
    expect(cost.memory).toBeLessThan(256 * MIB);
  });

  it.each([
    ['blank lines', `${'\r'.repeat(1_000)}\n`],
    ['lines that are too short', `${'x'.repeat(1_000)}\n`],
    ['lines that are too long', `1,2,${'x'.repeat(1_000)}\n`],
    ['lines with stray quotes', `a"b,${'x'.repeat(1_000)}\n`],
    ['quoted lines', `"${'x'.repeat(500)}\n""${'y'.repeat(500)}","z\r\n"\n`],
    ['bytes that are no text', `${'\0'.repeat(1_000)}\n`],
  ])(
    'of 200 MiB of %s is read with bounded memory',
    async (_what, repeated) => {
      const { content, cost } = endless('a,b\n1,2\n', repeated, 200 * MIB);
      expect(await countRecords(await open(content))).toBeGreaterThan(0);
      expect(cost.delivered).toBeGreaterThan(200 * MIB);
      expect(cost.memory).toBeLessThan(150 * MIB);
    },
    120_000,
  );

  it('of records just below the limit is read with bounded memory', async () => {
    const record = `"${`${'x'.repeat(100)}\r\n`.repeat(155_000)}",1\n`;
    const { content, cost } = endless('a,b\n', record, 80 * MIB);
    expect(await countRecords(await open(content))).toBeGreaterThan(4);
    expect(cost.memory).toBeLessThan(256 * MIB);
  }, 120_000);

  it.each([
    ['a,b\n1,2\n3,"4\n5,6\n', 3],
    ['a,b\n"1\n2",2\n"x\ny","', 5],
    ['"', 1],
    ['a,b\r\n1,"2', 2],
    ['a,b\r1,"2\r', 2],
    [`a,b\n1,2\n${'"'.repeat(1_001)}`, 3],
  ])('that ends within a quote is refused with the line of the quote: %j', async (text, line) => {
    const message = expect.stringMatching(new RegExp(`^line ${line}: a quoted field begins here`));
    for (const chunkBytes of [1, 3, 1_000]) {
      const error = await rejection(readFile(csv.open({}), contentOf(text, chunkBytes)));
      expect(error).toMatchObject({ code: 'InvalidFile', message });
    }
  });

  it.each([{}, { lazyQuotes: true }])('of quotes only takes time in proportion to its length: %j', async (settings) => {
    const format = csv.open({ ...settings, hasColumnNames: false, numberOfColumns: 1 });
    for (const repeated of ['"', '"a"b', '"a"b,', '"a" "b",', '"a"\r', '"",""x']) {
      const text = repeated.repeat(Math.floor(MIB / repeated.length / 2) * 2);
      const { rows, unreadable } = await readFile(format, contentOf(`${text}\n1\n`));
      expect(rows.length + unreadable.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('of 2001 columns is refused, and one of 2000 is read', async () => {
    const names = Array.from({ length: 2_001 }, (_, index) => `c${index}`);
    const error = await rejection(readFile(csv.open({}), contentOf(`${names.join(',')}\n`)));
    expect(error).toMatchObject({ code: 'InvalidFile', message: expect.stringContaining('2001 columns') });
    const { columns, rows } = await readFile(
      csv.open({}),
      contentOf(`${names.slice(1).join(',')}\n${','.repeat(1_999)}\n`),
    );
    expect([columns.length, rows[0]?.length]).toEqual([2_000, 2_000]);
  });

  it.each([
    ['NULs', Buffer.alloc(1_000), {}],
    ['UTF-16 without a mark, taken for UTF-8', Buffer.from('a,b\n1,2\n', 'utf16le'), {}],
    ['windows-1252, taken for UTF-8', Buffer.from('\xe9,b\n1,2\n', 'latin1'), {}],
    ['noise', Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xfe, 0x0a, 0x80]), {}],
  ])('of %s is refused with a hint at the encoding', async (_what, bytes, settings) => {
    const error = await rejection(readFile(csv.open(settings), contentOf(bytes)));
    expect(error).toMatchObject({
      code: 'InvalidFile',
      message: expect.stringMatching(/^line 1: .*check the encoding/),
    });
  });
});

/** A file that delivers something, and then stands still until it is closed. */
function stalled(beginning: string): { content: FileContent; waiting: Promise<void>; state: { closed: boolean } } {
  const state = { closed: false };
  const { promise: waiting, resolve: reached } = withResolvers();
  const chunks = [Buffer.from(beginning)];
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      const value = chunks.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      reached();
      return new Promise(() => {});
    },
    return: () => {
      state.closed = true;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { content: { ...contentOf(''), stream: () => ({ [Symbol.asyncIterator]: () => iterator }) }, waiting, state };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('a CSV file that is being read', () => {
  it.each(['', 'a,'])('ends when it is aborted before its columns are known', async (beginning) => {
    const { content, waiting, state } = stalled(beginning);
    const abort = new AbortController();
    const opened = rejection(open(content, abort.signal));
    await waiting;
    abort.abort(new Error('aborted'));
    expect(await opened).toMatchObject({ message: 'aborted' });
    expect(state.closed).toBe(true);
  });

  it('ends when it is aborted while the file stands still', async () => {
    const { content, waiting, state } = stalled('a,b\n1,2\n');
    const abort = new AbortController();
    const reader = await open(content, abort.signal);
    const read = rejection(countRecords(reader));
    await waiting;
    abort.abort(new Error('aborted'));
    expect(await read).toMatchObject({ message: 'aborted' });
    expect(state.closed).toBe(true);
  });

  it('ends when it is aborted between batches', async () => {
    const abort = new AbortController();
    const reader = await open(contentOf(`a,b\n${'1,2\n'.repeat(5_000)}`), abort.signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    abort.abort(new Error('aborted'));
    expect(await rejection(batches.next())).toMatchObject({ message: 'aborted' });
  });

  it('is not read at all when it is aborted already', async () => {
    const content = { ...contentOf(''), stream: () => expect.unreachable() };
    expect(await rejection(open(content, AbortSignal.abort(new Error('aborted'))))).toMatchObject({
      message: 'aborted',
    });
  });

  it('ends with an error, not as if it were complete, when it is closed while the file stands still', async () => {
    const { content, waiting, state } = stalled('a,b\n1,2\n');
    const reader = await open(content);
    const read = rejection(countRecords(reader));
    await waiting;
    await reader.close();
    expect(await read).toMatchObject({ message: 'the reader was closed' });
    await reader.close();
    expect(state.closed).toBe(true);
  });

  it('ends with an error when it is closed between batches', async () => {
    const reader = await open(contentOf(`a,b\n${'1,2\n'.repeat(700)}`, 1_000));
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    await reader.close();
    expect(await rejection(batches.next())).toMatchObject({ message: 'the reader was closed' });
  });

  it('closes the stream when its consumer stops', async () => {
    const { content, state } = stalled(`a,b\n${'1,2\n'.repeat(5_000)}`);
    const reader = await open(content);
    for await (const { rows } of reader.batches()) {
      expect(rows).toHaveLength(500);
      break;
    }
    expect(state.closed).toBe(true);
    expect(() => reader.close()).not.toThrow();
  });

  it('passes errors of the file on, in open and in batches', async () => {
    const failing = (beginning: string): FileContent => ({
      ...contentOf(''),
      stream: async function* () {
        yield Buffer.from(beginning);
        throw new Error('cut off');
      },
    });
    expect(await rejection(open(failing('a,b')))).toMatchObject({ message: 'cut off' });
    const reader = await open(failing('a,b\n1,2\n'));
    expect(await rejection(countRecords(reader))).toMatchObject({ message: 'cut off' });
  });

  it('never throws from close, even if the stream does', async () => {
    const { content } = stalled('a,b\n1,2\n');
    const broken = content.stream()[Symbol.asyncIterator]();
    broken.return = () => {
      throw new Error('cannot be closed');
    };
    const reader = await open({ ...content, stream: () => ({ [Symbol.asyncIterator]: () => broken }) });
    await expect(reader.close()).resolves.toBeUndefined();
  });

  it('delivers its batches once', async () => {
    const reader = await open(contentOf('a,b\n1,2\n'));
    expect(await countRecords(reader)).toBe(1);
    expect(await rejection(countRecords(reader))).toMatchObject({ message: expect.stringContaining('only once') });
  });

  it('lets others have their turn, even if it comes in one chunk and has no records', async () => {
    const bytes = Buffer.alloc(16 * MIB, '\n');
    bytes.write('a,b\n');
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    await readFile(csv.open({}), contentOf(bytes, bytes.length));
    counting = false;
    expect(turns).toBeGreaterThan(8);
  });
});
