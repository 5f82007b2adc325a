import type { RawRow, Source, SourceReader } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAll, rejection, unhurried } from './read-source.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

/** What the suite needs of a database to show that a connector reads it as the port demands. */
export interface SourceHarness {
  readonly source: (query: string) => Source;
  /** Creates a table with a key `id` (1, 2, ...) and one text column per position of the rows: `t0`, `t1`, ... */
  load(table: string, rows: readonly RawRow[]): Promise<void>;
  /** Query whose column `n` counts from 1 to `count` in this order, and whose column `label` is `row <n>`. */
  numbers(count: number): string;
  /** Query of `count` rows, each with a text of `bytes` bytes in its only column. */
  wide(count: number, bytes: number): string;
  /** Query that returns its first row after a minute. */
  readonly blocked: string;
  /** Statements that would change the table `guarded`, in all the ways that the database knows. */
  readonly writes: readonly string[];
  /** Sessions of the connector that are doing something at the database. */
  working(): Promise<number>;
  /** Whether the database waits for the connector to take what it sends. */
  heldBack(): Promise<boolean>;
  /** Ends all sessions of the connector, as an administrator does. */
  endSessions(): Promise<void>;
  stop(): Promise<void>;
}

const MAX_BATCH_ROWS = 10_000;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const STEADY_LOOKS = 20;
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const CORNER_TEXTS = [
  '',
  ' ',
  '\\N',
  '\\\\N',
  'NULL',
  '\t',
  '\n',
  '\r\n',
  '\\',
  '\\t',
  'a\\',
  '\b\f\v\u0001',
  '"',
  "'",
  '{}',
];
const UNICODE_TEXTS = [
  'é',
  'ß',
  'Ω',
  '日本語',
  '👩‍👩‍👧',
  '\u{10ffff}',
  'e\u0301',
  '\u200f\ufeff',
  '\u2028',
  'à'.repeat(9_999),
];

/** The guarantees of the port, for any source of databases. `start` is called once. */
export function sourceConformance(name: string, start: () => Promise<SourceHarness>): void {
  describe(`${name} as a source`, () => {
    let harness: SourceHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => {
      await harness.stop();
    });
    readsCompletely(() => harness);
    isBounded(() => harness);
    endsWhenTold(() => harness);
    protectsTheSource(() => harness);
  });
}

function readsCompletely(harness: () => SourceHarness): void {
  it('delivers every record once, in the order of the query', async () => {
    const { rows } = await readAll(harness().source, harness().numbers(123_456));
    expect(rows).toHaveLength(123_456);
    expect(rows.every(([n, label], index) => n === String(index + 1) && label === `row ${index + 1}`)).toBe(true);
  });

  it('knows the columns before the first record', async () => {
    const reader = await harness().source(harness().numbers(1)).open(null, unhurried());
    expect(reader.columns.map(({ name }) => name)).toEqual(['n', 'label']);
    expect(reader.columns.map(({ type }) => type.kind)).toEqual(['int', 'string']);
    await reader.close();
  });

  it('tells null from every text', async () => {
    const rows: RawRow[] = [
      [null, null, null],
      ['', null, 'NULL'],
      [null, '\\N', null],
      ...CORNER_TEXTS.map((t) => [t, null, t]),
    ];
    await harness().load('nulls', rows);
    expect((await readAll(harness().source, 'SELECT t0, t1, t2 FROM nulls ORDER BY id')).rows).toEqual(rows);
  });

  it('delivers texts as they are, whatever characters they have', async () => {
    const rows: RawRow[] = [...CORNER_TEXTS, ...UNICODE_TEXTS].map((text) => [text, `${text}|${text}`]);
    await harness().load('texts', rows);
    expect((await readAll(harness().source, 'SELECT t0, t1 FROM texts ORDER BY id')).rows).toEqual(rows);
  });

  it('ends an empty result without a batch', async () => {
    const reader = await harness().source(harness().numbers(0)).open(null, unhurried());
    expect(await reader.batches()[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  it('reads several queries at a time, each for itself', async () => {
    const counts = [1, 20_000, 3, 40_000];
    const results = await Promise.all(counts.map((count) => readAll(harness().source, harness().numbers(count))));
    expect(results.map(({ rows }) => rows.length)).toEqual(counts);
    expect(results.every(({ rows }) => rows.every(([n], index) => n === String(index + 1)))).toBe(true);
  });

  it('lets the records be read only once', async () => {
    const reader = await harness().source(harness().numbers(1)).open(null, unhurried());
    for await (const _ of reader.batches());
    expect(await rejection(reader.batches()[Symbol.asyncIterator]().next())).toBeInstanceOf(Error);
  });
}

function isBounded(harness: () => SourceHarness): void {
  it('bounds batches by rows', async () => {
    const sizes = await batchSizes(harness().source, harness().numbers(50_000));
    expect(Math.max(...sizes.map(({ rows }) => rows))).toBeLessThanOrEqual(MAX_BATCH_ROWS);
  });

  it('bounds batches by bytes', async () => {
    const sizes = await batchSizes(harness().source, harness().wide(300, 100_000));
    expect(Math.max(...sizes.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
  });

  it('makes the database wait while its consumer is busy, holds little meanwhile, and goes on afterwards', async () => {
    const reader = await harness().source(harness().wide(3_000, 100_000)).open(null, unhurried());
    const batches = reader.batches()[Symbol.asyncIterator]();
    const first = await batches.next();
    const before = heldBytes();
    // A database that sends faster than it is read waits now and then; one that is held back waits at every look.
    let looks = 0;
    await until('the database stays held back', async () => {
      looks = (await harness().heldBack()) ? looks + 1 : 0;
      return looks === STEADY_LOOKS;
    });
    expect(heldBytes() - before).toBeLessThan(MAX_HELD_BYTES);
    let rows = first.done ? 0 : first.value.rows.length;
    for (let next = await batches.next(); !next.done; next = await batches.next()) rows += next.value.rows.length;
    expect(rows).toBe(3_000);
  });
}

function endsWhenTold(harness: () => SourceHarness): void {
  it('ends a read that is blocked in the database within a second of the signal, and then there as well', async () => {
    const { signal, abort, reason } = abortable();
    const reader = await harness().source(harness().blocked).open(null, signal);
    const next = rejection(reader.batches()[Symbol.asyncIterator]().next());
    await until('the database works', async () => (await harness().working()) === 1);
    const start = performance.now();
    abort();
    expect(await next).toBe(reason);
    expect(performance.now() - start).toBeLessThan(1_000);
    await untilNothingWorks(harness);
    await reader.close();
  });

  it('ends a read whose consumer is busy', async () => {
    const { signal, abort, reason } = abortable();
    const reader = await harness().source(harness().wide(3_000, 100_000)).open(null, signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    abort();
    expect(await rejection(batches.next())).toBe(reason);
    await untilNothingWorks(harness);
  });

  it('does not begin when the signal was aborted before', async () => {
    const { signal, abort, reason } = abortable();
    abort();
    expect(await rejection(harness().source(harness().numbers(1)).open(null, signal))).toBe(reason);
  });

  it.each([
    ['before a record was read', 0],
    ['in the middle', 1],
    ['at the end', Number.POSITIVE_INFINITY],
  ])('can be closed %s, and again, and leaves nothing running', async (_, count) => {
    const reader = await harness().source(harness().wide(1_000, 100_000)).open(null, unhurried());
    await take(reader, count);
    await reader.close();
    await reader.close();
    await untilNothingWorks(harness);
  });

  it('cannot be read after it was closed', async () => {
    const reader = await harness().source(harness().numbers(1)).open(null, unhurried());
    await reader.close();
    expect(await rejection(reader.batches()[Symbol.asyncIterator]().next())).toBeInstanceOf(Error);
  });

  it('closes when its consumer stops in the middle', async () => {
    const reader = await harness().source(harness().wide(3_000, 100_000)).open(null, unhurried());
    for await (const _ of reader.batches()) break;
    await untilNothingWorks(harness);
  });

  it('throws SourceUnavailable when the read is cut short, and never ends as if it were complete', async () => {
    const reader = await harness().source(harness().wide(3_000, 100_000)).open(null, unhurried());
    const batches = reader.batches()[Symbol.asyncIterator]();
    await batches.next();
    await harness().endSessions();
    expect(await rejection(drain(batches))).toMatchObject({ code: 'SourceUnavailable', retryable: true });
  });

  it('reads again after its sessions were ended', async () => {
    await readAll(harness().source, harness().numbers(1));
    await harness().endSessions();
    expect((await readAll(harness().source, harness().numbers(10))).rows).toHaveLength(10);
  });
}

async function untilNothingWorks(harness: () => SourceHarness): Promise<void> {
  await until('the database has stopped working', async () => (await harness().working()) === 0, ENDED_WHEN_TOLD_MS);
}

function protectsTheSource(harness: () => SourceHarness): void {
  it('refuses every query that writes, and changes nothing', async () => {
    await harness().load('guarded', [['a'], ['b'], ['c']]);
    for (const query of harness().writes) {
      expect.soft(await rejection(readAll(harness().source, query)), query).toMatchObject({ code: 'SourceRefused' });
    }
    expect((await readAll(harness().source, 'SELECT t0 FROM guarded ORDER BY id')).rows).toEqual([['a'], ['b'], ['c']]);
  });

  it('refuses a query that is not SQL with the words of the database', async () => {
    const error = await rejection(readAll(harness().source, 'SELEKT 1'));
    expect(error).toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('SELEKT') });
  });

  it('refuses a placeholder that it does not know', async () => {
    const error = await rejection(readAll(harness().source, `${harness().numbers(1)} -- \${ cursor }`));
    expect(error).toMatchObject({ code: 'InvalidPlaceholder', message: expect.stringContaining('"cursor"') });
  });
}

function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function batchSizes(
  source: (query: string) => Source,
  query: string,
): Promise<{ rows: number; bytes: number }[]> {
  const reader = await source(query).open(null, unhurried());
  const sizes: { rows: number; bytes: number }[] = [];
  for await (const { rows } of reader.batches()) {
    sizes.push({
      rows: rows.length,
      bytes: rows.flat().reduce<number>((sum, field) => sum + Buffer.byteLength(String(field ?? '')), 0),
    });
  }
  return sizes;
}

async function take(reader: SourceReader, count: number): Promise<void> {
  if (count === 0) return;
  const batches = reader.batches()[Symbol.asyncIterator]();
  for (let taken = 0; taken < count && !(await batches.next()).done; taken += 1);
}

async function drain(batches: AsyncIterator<unknown>): Promise<void> {
  while (!(await batches.next()).done);
}

function abortable(): { readonly signal: AbortSignal; readonly reason: Error; abort(): void } {
  const controller = new AbortController();
  const reason = new Error('stopped by the test');
  return { signal: controller.signal, reason, abort: () => controller.abort(reason) };
}
