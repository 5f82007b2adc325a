import { randomBytes } from 'node:crypto';
import { AppError } from '@penstock/domain';
import type { RawRow, SourceBatch } from '@penstock/engine';
import { type ObjectType, sameType, type Type, type Value, ValueFailure } from '@penstock/language';
import { describe, expect, it } from 'vitest';
import type { FileColumn, FileContent, FileFormat, FileReader, FormatRequest } from '../src/files/file-format.js';
import { BATCH_ROWS } from '../src/files/limits.js';
import { contentOf } from './read-format.js';
import { rejection, unhurried } from './read-source.js';

/** A record of the suite: the texts of its columns `n` and `label`. */
export type TestRecord = readonly [n: string, label: string];

/** What the suite needs of a format to show that its files are read as the port demands. */
export interface FormatHarness {
  readonly format: FileFormat;
  /** The sheet of the suite's files; null where the format has none. */
  readonly sheet: string | null;
  /** What a pipeline with those columns expects. */
  readonly expected: ObjectType;
  /** A file with the columns `n` and `label`. */
  file(records: readonly TestRecord[]): Promise<Uint8Array>;
  /** Whether a file of no bytes is one without records. */
  readonly takesEmpty?: boolean;
  /** The text of a value of a column; absent where values are texts. */
  text?(value: Value): string;
}

/** Content that can fail, or stand still, and knows what was done with it. */
interface WatchedContent extends FileContent {
  /** Bytes that were taken of the stream; 0 where it was not asked for. */
  taken(): number;
  /** Whether the stream is at its end, or was never asked for. */
  ended(): boolean;
}

type Use = (harness: FormatHarness) => void;

const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MIB = 1024 * 1024;
/** What a file that is wrong may be refused with. */
const REFUSALS = ['InvalidFile', 'NoColumnsFound', 'SheetNotExist'];
const TEXTS = [
  'a',
  'é',
  'ß',
  '日本語',
  '👩‍👩‍👧',
  '\u{10ffff}',
  'e\u0301',
  '"quoted"',
  "'",
  'a,b;c',
  'a\\b',
  '<&>',
  'NULL',
  '{}',
];

const numbered = (count: number, labelBytes = 0): TestRecord[] =>
  Array.from({ length: count }, (_, index) => [`${index + 1}`, `record ${index + 1}`.padEnd(labelBytes, '.')]);

/** The guarantees of the port, for any format of files. */
export function formatConformance(name: string, harness: FormatHarness): void {
  describe(`${name} as a format of files`, () => {
    const parts: Use[] = [readsCompletely, isBounded, endsWhenTold, refusesWhatIsNone];
    for (const part of parts) part(harness);
    if (harness.sheet !== null) hasSheets(harness);
  });
}

function readsCompletely(harness: FormatHarness): void {
  it('delivers every record once, in the order of the file', async () => {
    const records = numbered(12_345);
    expect(await read(harness, contentOf(await harness.file(records)))).toEqual(records);
  });

  it.each([1, 3, 4_096])('does not care that content comes in chunks of %d bytes', async (chunkBytes) => {
    const records = numbered(300);
    expect(await read(harness, contentOf(await harness.file(records), chunkBytes))).toEqual(records);
  });

  it('delivers texts as they are, whatever characters they have', async () => {
    const records = TEXTS.map((text, index): TestRecord => [`${index}`, text]);
    for (const chunkBytes of [1, 65_536]) {
      expect(await read(harness, contentOf(await harness.file(records), chunkBytes))).toEqual(records);
    }
  });

  it('knows the columns before the first record, also those of a preview', async () => {
    const file = await harness.file(numbered(3));
    for (const expected of [null, harness.expected]) {
      const reader = await open(harness, contentOf(file), { expected });
      expect(reader.columns.map((column) => column.name)).toEqual(['n', 'label']);
      await reader.close();
    }
  });

  it('has the columns that a pipeline was defined with', async () => {
    const reader = await open(harness, contentOf(await harness.file(numbered(3))));
    const { properties } = harness.expected;
    expect(reader.columns.map(({ name }) => name)).toEqual(properties.map(({ name }) => name));
    expect(reader.columns.map(({ type }, index) => sameType(type, properties[index]?.type as Type))).not.toContain(
      false,
    );
    await reader.close();
  });

  it('ends a file without records without a batch', async () => {
    const reader = await open(harness, contentOf(await harness.file([])));
    expect(reader.columns.map(({ name }) => name)).toEqual(['n', 'label']);
    expect(await reader.batches()[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    await reader.close();
  });

  it('reads several files at a time, each for itself', async () => {
    const counts = [1, 2_000, 3, 4_000];
    const read_ = async (count: number) => await read(harness, contentOf(await harness.file(numbered(count))));
    expect(await Promise.all(counts.map(read_))).toEqual(counts.map((count) => numbered(count)));
  });
}

function isBounded(harness: FormatHarness): void {
  it('bounds batches by records and by bytes', async () => {
    for (const file of [numbered(10_000), numbered(200, 100_000)]) {
      const reader = await open(harness, contentOf(await harness.file(file)));
      for await (const batch of reader.batches()) {
        expect(batch.rows.length + batch.unreadable.length).toBeLessThanOrEqual(BATCH_ROWS);
        expect(JSON.stringify(batch.rows).length).toBeLessThanOrEqual(MAX_BATCH_BYTES);
      }
      await reader.close();
    }
  });

  it('takes no more of a stream than its consumer needs', async () => {
    const content = watched(await harness.file(numbered(300, 100_000)));
    const reader = await open(harness, content);
    await reader.batches()[Symbol.asyncIterator]().next();
    expect(content.taken()).toBeLessThan(16 * MIB);
    await reader.close();
  });
}

function endsWhenTold(harness: FormatHarness): void {
  it.each([
    ['before a record was read', 0],
    ['in the middle', 1],
    ['at the end', Number.POSITIVE_INFINITY],
  ])('can be closed %s, and again, and then leaves the content', async (_, count) => {
    const content = watched(await harness.file(numbered(20_000)));
    const reader = await open(harness, content);
    const batches = reader.batches()[Symbol.asyncIterator]();
    for (let taken = 0; taken < count && !(await batches.next()).done; taken += 1);
    await reader.close();
    await reader.close();
    expect(content.ended()).toBe(true);
    expect(await rejection(readOn(reader.batches()[Symbol.asyncIterator]()))).toBeInstanceOf(Error);
  });

  it('leaves the content when its consumer stops in the middle', async () => {
    const content = watched(await harness.file(numbered(20_000)));
    const reader = await open(harness, content);
    for await (const _ of reader.batches()) break;
    await reader.close();
    expect(content.ended()).toBe(true);
  });

  it('does not begin when the signal was aborted before', async () => {
    const reason = new Error('stopped by the test');
    const content = watched(await harness.file(numbered(10)));
    expect(await rejection(open(harness, content, {}, AbortSignal.abort(reason)))).toBe(reason);
    expect(content.ended()).toBe(true);
  });

  it('ends with the signal while its consumer is busy', async () => {
    const controller = new AbortController();
    const reader = await open(harness, contentOf(await harness.file(numbered(50_000))), {}, controller.signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    const reason = new Error('stopped by the test');
    const start = performance.now();
    controller.abort(reason);
    expect(await rejection(readOn(batches))).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
    await reader.close();
  });

  it.each([0, 0.5])('lets errors of the content through, from %d of the file on', async (share) => {
    const file = await harness.file(numbered(20_000));
    const error = new AppError('SourceUnavailable', { message: 'the storage is away' });
    const content = watched(file, { failAt: Math.floor(file.length * share), error });
    expect(await rejection(read(harness, content))).toBe(error);
    expect(content.ended()).toBe(true);
  });
}

function refusesWhatIsNone(harness: FormatHarness): void {
  it(
    harness.takesEmpty === true ? 'takes an empty file for one without records' : 'refuses an empty file',
    async () => {
      if (harness.takesEmpty === true) {
        expect(await read(harness, contentOf(''))).toEqual([]);
        return;
      }
      const error = await rejection(read(harness, contentOf('')));
      expect(error).toBeInstanceOf(AppError);
      expect(REFUSALS).toContain((error as AppError).code);
    },
  );

  it('refuses what is no such file, or reads what can be read, but never breaks', async () => {
    const file = Buffer.from(await harness.file(numbered(200)));
    for (let round = 0; round < 40; round += 1) {
      const wrong = round % 2 === 0 ? damaged(file) : file.subarray(0, Math.floor((file.length * round) / 40));
      const error = await read(harness, contentOf(wrong)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(AppError);
      expect(REFUSALS).toContain((error as AppError).code);
    }
    const noise = await read(harness, contentOf(randomBytes(100_000))).catch((thrown: unknown) => thrown);
    if (noise instanceof Error) expect(noise).toBeInstanceOf(AppError);
  });
}

function hasSheets(harness: FormatHarness): void {
  it('lists its sheets, and refuses one that is not there', async () => {
    const file = await harness.file(numbered(3));
    const sheets = await harness.format.sheets?.(contentOf(file), unhurried());
    expect(sheets).toContain(harness.sheet);
    expect(await rejection(open(harness, contentOf(file), { sheet: 'not there' }))).toMatchObject({
      code: 'SheetNotExist',
    });
  });
}

async function open(
  { format, sheet, expected }: FormatHarness,
  content: FileContent,
  request: Partial<FormatRequest> = {},
  signal = unhurried(),
): Promise<FileReader> {
  return await format.open(content, { sheet, expected, ...request }, signal);
}

/** The records of a file as texts. */
async function read(harness: FormatHarness, content: FileContent): Promise<TestRecord[]> {
  const reader = await open(harness, content);
  const records: TestRecord[] = [];
  try {
    for await (const { rows } of reader.batches()) {
      for (const row of rows) records.push(textsOf(harness, reader.columns, row));
    }
  } finally {
    await reader.close();
  }
  return records;
}

function textsOf({ text = String }: FormatHarness, columns: readonly FileColumn[], row: RawRow): TestRecord {
  const texts = ['n', 'label'].map((name) => {
    const index = columns.findIndex((column) => column.name === name);
    const field = row[index];
    const value = typeof field === 'string' ? (columns[index]?.decode?.(field) ?? field) : field;
    return value === undefined || value instanceof ValueFailure ? `failed: ${value?.message}` : text(value);
  });
  return [texts[0] ?? '', texts[1] ?? ''];
}

async function readOn(batches: AsyncIterator<SourceBatch>): Promise<void> {
  while (!(await batches.next()).done);
}

function damaged(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  for (let count = 0; count < 5; count += 1)
    copy[Math.floor(Math.random() * copy.length)] = Math.floor(Math.random() * 256);
  return copy;
}

function watched(file: Uint8Array, fault?: { readonly failAt: number; readonly error: Error }): WatchedContent {
  const CHUNK_BYTES = 16 * 1024;
  const bytes = Buffer.from(file);
  const failAt = fault?.failAt ?? Number.POSITIVE_INFINITY;
  let [taken, running] = [0, 0];
  return {
    taken: () => taken,
    ended: () => running === 0,
    stream: async function* () {
      running += 1;
      try {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
          if (at + CHUNK_BYTES > failAt) throw fault?.error;
          const chunk = bytes.subarray(at, at + CHUNK_BYTES);
          taken += chunk.length;
          yield chunk;
        }
      } finally {
        running -= 1;
      }
    },
    local: async () => {
      // Formats that need a file get one only when all of it has been transferred.
      if (fault !== undefined) throw fault.error;
      return await contentOf(bytes).local();
    },
  };
}
