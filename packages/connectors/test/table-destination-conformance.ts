import type { DestinationRow, RefusedRecord, TableDestination, TableWriter } from '@penstock/engine';
import { FenceLostError } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableSchema } from '../src/index.js';
import { unhurried } from './read-source.js';
import { until } from './until.js';

/** A database that tables are written in, as the suite needs it. */
export interface TableHarness {
  readonly table: (table: string, key: string) => TableDestination;
  readonly schema: (table: string) => Promise<TableSchema>;
  /** Executes as the administrator, outside of what is tested. */
  readonly execute: (sql: string) => Promise<readonly Record<string, unknown>[]>;
  /** A name as a statement has it. */
  readonly quote: (name: string) => string;
  /** Makes a table refuse, by a trigger, rows whose name is `bad`, in words that quote the name. */
  readonly refuseBadNames: (table: string) => Promise<void>;
  /** Makes a table refuse its first two statements as a deadlock does. */
  readonly conflictTwice: (table: string) => Promise<void>;
  /** Type of texts in which `A` equals `a`. */
  readonly foldingText: string;
  /** Holds a table against all writers until the result is called. */
  readonly hold: (table: string) => Promise<() => Promise<void>>;
  /** Counts the sessions of attempts. */
  readonly sessions: () => Promise<number>;
  /** Counts the sessions of attempts that are held up by a lock. */
  readonly waiting: () => Promise<number>;
  /** Ends all sessions of attempts, as an administrator does. */
  readonly endSessions: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const TEXT: Type = { kind: 'string' };
const INT: Type = { kind: 'int', bitSize: 32 };
const ID_NAME = { id: INT, name: TEXT };

export interface Opening {
  readonly columns?: Readonly<Record<string, Type>>;
  readonly key?: string;
  readonly pipeline?: number;
  readonly run?: number;
  readonly epoch?: number;
  readonly signal?: AbortSignal;
}

/** Opens a table for an attempt, with columns `id` and `name` unless others are given. */
export async function openTable(harness: TableHarness, table: string, opening: Opening = {}): Promise<TableWriter> {
  const { columns = ID_NAME, key = 'id', pipeline = 1, run = 1, epoch = 1, signal = unhurried() } = opening;
  const list = Object.entries(columns).map(([name, type]) => ({ name, type }));
  return await harness.table(table, key).open({ owner: { pipeline, run, epoch }, columns: list }, signal);
}

export interface Outcome {
  written: number;
  readonly refused: RefusedRecord[];
  /** Rows, written or refused, of each batch. */
  readonly batches: number[];
}

/** Writes what was staged. */
export async function writeAll(writer: TableWriter): Promise<Outcome> {
  const outcome: Outcome = { written: 0, refused: [], batches: [] };
  for await (const { written, refused } of writer.write()) {
    outcome.written += written;
    outcome.refused.push(...refused);
    outcome.batches.push(written + refused.length);
  }
  return outcome;
}

/** Stages rows from number 0 on, writes them and closes. */
export async function exportRows(
  harness: TableHarness,
  table: string,
  { rows, ...opening }: Opening & { readonly rows: readonly DestinationRow[] },
): Promise<Outcome> {
  const writer = await openTable(harness, table, opening);
  try {
    await writer.stage(rows, 0);
    return await writeAll(writer);
  } finally {
    await writer.close();
  }
}

const numbers = (count: number): DestinationRow[] => Array.from({ length: count }, (_, id) => [id, `name ${id}`]);

/** The contract of tables that profiles are exported to. */
export function tableDestinationConformance(name: string, start: () => Promise<TableHarness>): void {
  describe(`tables of ${name} as destinations`, () => {
    let harness: TableHarness;
    let tables = 0;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.stop());

    const newTable = async (definition = 'id integer PRIMARY KEY, name varchar(20)'): Promise<string> => {
      tables += 1;
      await harness.execute(`CREATE TABLE t${tables} (${definition})`);
      return `t${tables}`;
    };
    const rowsOf = (table: string, order = 'id') => harness.execute(`SELECT * FROM ${table} ORDER BY ${order}`);
    const countOf = async (table: string) =>
      Number((await harness.execute(`SELECT COUNT(*) AS c FROM ${table}`))[0]?.c);
    const failure = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );

    it('show nothing before the write, and everything after it', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      await writer.stage(numbers(30_000), 0);
      expect(await countOf(table)).toBe(0);
      expect(await writeAll(writer)).toMatchObject({ written: 30_000, refused: [] });
      await writer.close();
      expect(await countOf(table)).toBe(30_000);
    });

    it('keep nothing of what was staged and not written', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      await writer.stage(numbers(100), 0);
      await writer.close();
      expect(await countOf(table)).toBe(0);
      expect(await exportRows(harness, table, { rows: [[1, 'one']] })).toMatchObject({ written: 1 });
    });

    it('get new rows and new values of known ones, and keep the columns that are not written', async () => {
      const table = await newTable("id integer PRIMARY KEY, name varchar(20), note varchar(20) DEFAULT 'new'");
      await harness.execute(`INSERT INTO ${table} VALUES (1, 'old', 'kept'), (2, 'other', 'kept')`);
      await exportRows(harness, table, {
        rows: [
          [1, 'one'],
          [3, null],
        ],
      });
      expect(await rowsOf(table)).toEqual([
        { id: 1, name: 'one', note: 'kept' },
        { id: 2, name: 'other', note: 'kept' },
        { id: 3, name: null, note: 'new' },
      ]);
    });

    it('may have nothing but the key', async () => {
      const table = await newTable('id integer PRIMARY KEY');
      const columns = { id: INT };
      await exportRows(harness, table, { columns, rows: [[1], [2]] });
      expect(await exportRows(harness, table, { columns, rows: [[2], [3]] })).toMatchObject({
        written: 2,
        refused: [],
      });
      expect(await countOf(table)).toBe(3);
    });

    it('get rows in batches of at most 10,000, which others see as they come', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      for (let start = 0; start < 25_000; start += 5_000) {
        await writer.stage(numbers(25_000).slice(start, start + 5_000), start);
      }
      const seen: number[] = [];
      for await (const { written } of writer.write()) {
        expect(written).toBeLessThanOrEqual(10_000);
        seen.push(await countOf(table));
      }
      await writer.close();
      expect(seen).toEqual([10_000, 20_000, 25_000]);
    });

    it('do not get what was excluded', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      await writer.stage(numbers(20_000), 500);
      await writer.exclude([500, 20_499, 12_345]);
      await writer.exclude([]);
      expect(await writeAll(writer)).toMatchObject({ written: 19_997, batches: [10_000, 9_997] });
      await writer.close();
      const [missing] = await harness.execute(`SELECT COUNT(*) AS c FROM ${table} WHERE id IN (0, 19999, 11845)`);
      expect(Number(missing?.c)).toBe(0);
    });

    it('may be written again with what is staged after a write', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      await writer.stage([[1, 'one']], 0);
      await writeAll(writer);
      await writer.stage([[2, 'two']], 1);
      expect(await writeAll(writer)).toMatchObject({ written: 1, batches: [1] });
      await writer.close();
      expect(await countOf(table)).toBe(2);
    });

    describe('refuse alone', () => {
      const SECRET = 'secret-value-of-a-person';

      async function expectRefused(
        definition: string,
        bad: Readonly<Record<number, Value>>,
        word: RegExp,
      ): Promise<void> {
        const table = await newTable(definition);
        const rows = numbers(12_000).map(
          ([id, text]) => [id, Number(id) in bad ? bad[Number(id)] : text] as DestinationRow,
        );
        const outcome = await exportRows(harness, table, { rows });
        const expected = Object.keys(bad).map(Number);
        expect(outcome.refused.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(expected);
        expect(outcome.written).toBe(12_000 - expected.length);
        expect(await countOf(table)).toBe(12_000 - expected.length);
        for (const { message } of outcome.refused) {
          expect(message).toMatch(word);
          expect(message).not.toContain(SECRET);
        }
      }

      it('a text that is too long', async () => {
        await expectRefused(
          'id integer PRIMARY KEY, name varchar(20)',
          { 0: SECRET, 7000: SECRET, 11999: SECRET },
          /too long/,
        );
      });

      it('a missing value that the table requires', async () => {
        await expectRefused('id integer PRIMARY KEY, name varchar(50) NOT NULL', { 17: null, 18: null }, /name.*null/i);
      });

      it('what a check of the table does not allow', async () => {
        const definition = `id integer PRIMARY KEY, name varchar(50), CONSTRAINT no_secret CHECK (name <> '${SECRET}')`;
        await expectRefused(definition, { 3: SECRET, 11000: SECRET }, /no_secret/);
      });

      it('a reference to what does not exist', async () => {
        const parents = await newTable('name varchar(50) PRIMARY KEY');
        await exportRows(harness, parents, {
          columns: { name: TEXT },
          key: 'name',
          rows: numbers(12_000).map(([, n]) => [n ?? null]),
        });
        const definition = `id integer PRIMARY KEY, name varchar(50), CONSTRAINT parent FOREIGN KEY (name) REFERENCES ${parents} (name)`;
        await expectRefused(definition, { 5: SECRET, 9999: SECRET }, /foreign key constraint/);
      });

      it('what another row has that only one may have, and leave that row as it is', async () => {
        const table = await newTable('id integer PRIMARY KEY, name varchar(50) UNIQUE, note varchar(10)');
        await harness.execute(`INSERT INTO ${table} VALUES (1000, '${SECRET}', 'mine')`);
        const outcome = await exportRows(harness, table, {
          rows: [
            [1, 'one'],
            [2, SECRET],
            [3, 'three'],
          ],
        });
        expect(outcome).toMatchObject({ written: 2, refused: [{ sequence: 1 }] });
        expect(outcome.refused[0]?.message).toMatch(/duplicate/i);
        expect(outcome.refused[0]?.message).not.toContain(SECRET);
        expect((await rowsOf(table)).at(-1)).toEqual({ id: 1000, name: SECRET, note: 'mine' });
      });

      it('what a trigger does not like', async () => {
        const table = await newTable('id integer PRIMARY KEY, name varchar(50)');
        await harness.refuseBadNames(table);
        await harness.execute(`INSERT INTO ${table} VALUES (2, 'old')`);
        const rows = numbers(500).map(([id, text]) => [id ?? null, id === 2 || id === 400 ? 'bad' : (text ?? null)]);
        const outcome = await exportRows(harness, table, { rows });
        expect(outcome.written).toBe(498);
        expect(outcome.refused.map(({ sequence }) => sequence)).toEqual([2, 400]);
        expect(outcome.refused[0]?.message).toMatch(/refused the row/);
        expect(outcome.refused[0]?.message).not.toContain('bad!');
      });

      it('a number out of the range of its column', async () => {
        const table = await newTable('id integer PRIMARY KEY, name smallint');
        const rows = [
          [1, 1],
          [2, 100_000],
          [3, 3],
        ];
        const outcome = await exportRows(harness, table, { columns: { id: INT, name: INT }, rows });
        expect(outcome).toMatchObject({ written: 2, refused: [{ sequence: 1 }] });
      });

      it('a row without a key', async () => {
        const table = await newTable();
        const outcome = await exportRows(harness, table, {
          rows: [
            [null, 'none'],
            [2, 'two'],
          ],
        });
        expect(outcome).toMatchObject({ written: 1, refused: [{ sequence: 0, message: 'the key has no value' }] });
      });

      it('all rows whose keys the column takes for the same, none of which replaces another', async () => {
        const table = await newTable(`id ${harness.foldingText} NOT NULL, name varchar(20), UNIQUE (id)`);
        const columns = { id: TEXT, name: TEXT };
        const filler = numbers(11_000).map(([id, n]) => [`user ${id}`, n ?? null]);
        const rows = [['Anna', 'first'], ...filler, ['anna', 'second'], ['Berta', 'third']];
        const outcome = await exportRows(harness, table, { columns, rows });
        expect(outcome.refused.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual([0, 11_001]);
        expect(outcome.written).toBe(11_001);
        expect(await countOf(table)).toBe(11_001);
      });

      it('a row that would replace one with another key which the column takes for the same', async () => {
        const table = await newTable(`id ${harness.foldingText} NOT NULL, name varchar(20), UNIQUE (id)`);
        await harness.execute(`INSERT INTO ${table} VALUES ('Anna', 'kept'), ('Berta', 'old')`);
        const rows = [
          ['anna', 'second'],
          ['Berta', 'new'],
          ['Carla', 'third'],
        ];
        const outcome = await exportRows(harness, table, { columns: { id: TEXT, name: TEXT }, rows });
        const message = 'the table has a row with another key that it takes for the same';
        expect(outcome).toMatchObject({ written: 2, refused: [{ sequence: 0, message }] });
        expect(await rowsOf(table)).toEqual([
          { id: 'Anna', name: 'kept' },
          { id: 'Berta', name: 'new' },
          { id: 'Carla', name: 'third' },
        ]);
      });

      it('no more rows of a batch one by one when more than a thousand were', async () => {
        const table = await newTable();
        await harness.refuseBadNames(table);
        const rows = Array.from({ length: 4_000 }, (_, id) => [id, 'bad']);
        const { refused, written } = await exportRows(harness, table, { rows });
        expect(written).toBe(0);
        expect(refused.length).toBeGreaterThan(1_000);
        expect(refused.length).toBeLessThan(1_100);
      });

      it('what was refused while it was staged, at the beginning of the write', async () => {
        const table = await newTable();
        const writer = await openTable(harness, table);
        await writer.stage(
          [
            [1, 'one'],
            [2, 'x'.repeat(100)],
          ],
          7,
        );
        const batches = writer.write()[Symbol.asyncIterator]();
        const first = await batches.next();
        expect(first.value).toMatchObject({ written: 0, refused: [{ sequence: 8 }] });
        expect(await countOf(table)).toBe(0);
        await writer.close();
      });
    });

    it('are written all the same when a batch meets somebody else at first', async () => {
      const table = await newTable();
      await harness.conflictTwice(table);
      expect(await exportRows(harness, table, { rows: numbers(100) })).toMatchObject({ written: 100, refused: [] });
      expect(await countOf(table)).toBe(100);
    });

    it('are deleted by their very keys, not by those that the column takes for the same', async () => {
      const table = await newTable(`id ${harness.foldingText} NOT NULL, name varchar(20), UNIQUE (id)`);
      await harness.execute(`INSERT INTO ${table} VALUES ('Anna', 'left'), ('berta', 'of another')`);
      const writer = await openTable(harness, table, { columns: { id: TEXT, name: TEXT } });
      const removed: number[] = [];
      for await (const count of writer.remove(['Anna', 'BERTA'])) removed.push(count);
      await writer.close();
      expect(removed).toEqual([1]);
      expect(await rowsOf(table)).toEqual([{ id: 'berta', name: 'of another' }]);
    });

    it('lose the rows of the keys that are removed, and no others', async () => {
      const table = await newTable();
      await exportRows(harness, table, { rows: numbers(25_000) });
      const writer = await openTable(harness, table);
      const keys = [...Array.from({ length: 22_000 }, (_, index) => index * 2), 999_999];
      const deleted: number[] = [];
      for await (const count of writer.remove(keys)) deleted.push(count);
      await writer.close();
      expect(deleted.reduce((sum, count) => sum + count, 0)).toBe(12_500);
      expect(await countOf(table)).toBe(12_500);
    });

    it('lose rows by texts as keys, whatever characters they have', async () => {
      const table = await newTable('id varchar(40) PRIMARY KEY, name varchar(20)');
      const ids = ["o'neill", '"quoted"', 'back\\slash', 'comma, {brace}', 'NULL', '🎉', '  blanks  ', "') OR 1=1 -- "];
      const columns = { id: TEXT, name: TEXT };
      expect(
        await exportRows(harness, table, {
          columns,
          rows: [...ids.map((id) => [id, id.slice(0, 20)]), ['stays', 'x']],
        }),
      ).toMatchObject({
        written: 9,
      });
      const stored = (await rowsOf(table)).map(({ id }) => id);
      expect(stored.toSorted()).toEqual([...ids, 'stays'].toSorted());
      const writer = await openTable(harness, table, { columns });
      let deleted = 0;
      for await (const count of writer.remove([...ids, 'x'.repeat(200)])) deleted += count;
      await writer.close();
      expect(deleted).toBe(8);
      expect(await countOf(table)).toBe(1);
    });

    describe('with attempts that come one after the other', () => {
      it('are not written by an earlier attempt once a later one has begun', async () => {
        const table = await newTable();
        const old = await openTable(harness, table, { run: 1, epoch: 1 });
        await old.stage(numbers(20_000), 0);
        const next = await openTable(harness, table, { run: 1, epoch: 2 });
        expect(await failure(writeAll(old))).toMatchObject({ code: 'DestinationUnavailable' });
        expect(await countOf(table)).toBe(0);
        await next.stage([[1, 'next']], 0);
        expect(await writeAll(next)).toMatchObject({ written: 1 });
        expect(await failure(old.stage([[2, 'old']], 20_000).then(() => writeAll(old)))).toBeInstanceOf(Error);
        expect(await countOf(table)).toBe(1);
        await Promise.all([old.close(), next.close()]);
      });

      it('are rid of an earlier attempt that is in the middle of writing', async () => {
        const table = await newTable();
        const old = await openTable(harness, table, { run: 4, epoch: 9 });
        await old.stage(numbers(30_000), 0);
        const batches = old.write()[Symbol.asyncIterator]();
        await batches.next();
        const release = await harness.hold(table);
        const blocked = failure(batches.next());
        await until('the write is held up', async () => (await harness.waiting()) > 0);
        const next = await openTable(harness, table, { run: 5, epoch: 1 });
        await release();
        expect(await blocked).toMatchObject({ code: 'DestinationUnavailable' });
        expect(await countOf(table)).toBe(10_000);
        await Promise.all([old.close(), next.close()]);
      });

      it('refuse an earlier attempt that comes late', async () => {
        const table = await newTable();
        const later = await openTable(harness, table, { run: 7, epoch: 1 });
        const early = [
          { run: 6, epoch: 9 },
          { run: 7, epoch: 0 },
        ];
        for (const attempt of early) {
          expect(await failure(openTable(harness, table, attempt))).toBeInstanceOf(FenceLostError);
        }
        await later.stage([[1, 'later']], 0);
        expect(await writeAll(later)).toMatchObject({ written: 1 });
        await later.close();
      });

      it('let other pipelines write', async () => {
        const table = await newTable();
        const first = await openTable(harness, table, { pipeline: 1, run: 8 });
        const second = await openTable(harness, table, { pipeline: 2, run: 3 });
        await first.stage([[1, 'one']], 0);
        await second.stage([[2, 'two']], 0);
        await writeAll(first);
        await writeAll(second);
        await Promise.all([first.close(), second.close()]);
        expect(await countOf(table)).toBe(2);
      });

      it('end as without a crash when the connection is lost in the middle', async () => {
        const table = await newTable();
        const writer = await openTable(harness, table);
        await writer.stage(numbers(25_000), 0);
        const batches = writer.write()[Symbol.asyncIterator]();
        await batches.next();
        await harness.endSessions();
        expect(await failure(batches.next())).toMatchObject({ code: 'DestinationUnavailable' });
        expect(await failure(writer.stage([[1, 'x']], 25_000).then(() => writeAll(writer)))).toBeInstanceOf(Error);
        await writer.close();
        expect(await exportRows(harness, table, { epoch: 2, rows: numbers(25_000) })).toMatchObject({
          written: 25_000,
        });
        expect(await countOf(table)).toBe(25_000);
      });
    });

    it('let go within a second when the signal is aborted, whatever they wait for', async () => {
      const table = await newTable();
      const stop = new AbortController();
      const writer = await openTable(harness, table, { signal: stop.signal });
      await writer.stage(numbers(10), 0);
      const release = await harness.hold(table);
      const blocked = failure(writeAll(writer));
      await until('the write is held up', async () => (await harness.waiting()) > 0);
      const reason = new Error('stopped');
      const began = performance.now();
      stop.abort(reason);
      expect(await blocked).toBe(reason);
      expect(performance.now() - began).toBeLessThan(1_000);
      expect(await failure(writer.stage([[1, 'x']], 10))).toBe(reason);
      await until('the session is gone', async () => (await harness.sessions()) === 0);
      await release();
      expect(await countOf(table)).toBe(0);
      await writer.close();
    });

    it('leave no session behind, however often they are closed', async () => {
      const table = await newTable();
      const writer = await openTable(harness, table);
      await Promise.all([writer.close(), writer.close()]);
      await writer.close();
      await harness.schema(table);
      await harness.table(table, 'id').check([{ name: 'id', type: INT }], unhurried());
      await until('the sessions are gone', async () => (await harness.sessions()) === 0);
    });

    it('say in one sentence all that does not fit any more, before anything is staged', async () => {
      const table = await newTable(
        'id integer, name date, must varchar(10) NOT NULL, twice integer, made integer GENERATED ALWAYS AS (twice * 2) STORED',
      );
      const columns = { id: INT, name: TEXT, made: INT, gone: TEXT };
      const error = await failure(openTable(harness, table, { columns }));
      expect(error).toMatchObject({ code: 'SchemaDrift' });
      const message = error instanceof Error ? error.message : '';
      for (const part of [
        'column "gone" does not exist',
        'column "name" has type "date", which cannot hold string',
        'column "made" cannot be written: it is generated',
        'column "must" must have a value and is not written',
        'no unique index is on column "id" alone',
      ]) {
        expect(message).toContain(part);
      }
      const list = Object.entries(columns).map(([name, type]) => ({ name, type }));
      expect(await failure(harness.table(table, 'id').check(list, unhurried()))).toEqual(error);
    });

    it('need a unique index on the key alone', async () => {
      const table = await newTable('id integer, name varchar(20), UNIQUE (id, name)');
      expect(await failure(openTable(harness, table))).toMatchObject({ code: 'SchemaDrift' });
      expect(await failure(openTable(harness, table, { key: 'other' }))).toMatchObject({ code: 'SchemaDrift' });
    });

    it('are found by the names that queries use for them', async () => {
      const odd = 'Odd "name" `of` a; table';
      await harness.execute(
        `CREATE TABLE ${harness.quote(odd)} (id integer PRIMARY KEY, ${harness.quote('select')} varchar(20))`,
      );
      const columns = { id: INT, select: TEXT };
      const name = harness.quote(odd);
      expect(await exportRows(harness, name, { columns, rows: [[1, 'one']] })).toMatchObject({ written: 1 });
      expect(await harness.execute(`SELECT * FROM ${name}`)).toEqual([{ id: 1, select: 'one' }]);
      expect((await harness.schema(name)).schema.properties.map((property) => property.name)).toEqual(['id', 'select']);
    });

    it('are not found by what is no name of a table', async () => {
      const table = await newTable();
      for (const text of [
        '',
        'missing',
        `${table}; DROP TABLE ${table}`,
        `${table} `,
        `${table}--`,
        '.',
        'a.b.c.d',
        '"',
        '`',
        `missing.${table}`,
        `(SELECT 1)`,
      ]) {
        if (text === `${table} `) continue;
        expect(await failure(harness.schema(text)), text).toMatchObject({ code: 'DestinationRefused' });
        expect(await failure(openTable(harness, text)), text).toMatchObject({ code: 'DestinationRefused' });
      }
      expect(await countOf(table)).toBe(0);
    });

    it('are no views', async () => {
      const table = await newTable();
      await harness.execute(`CREATE VIEW v_${table} AS SELECT * FROM ${table}`);
      expect(await failure(harness.schema(`v_${table}`))).toMatchObject({
        code: 'DestinationRefused',
        message: expect.stringContaining('is a view'),
      });
    });

    it('tell what they are: columns, which are nullable, which a new row needs, and which can be the key', async () => {
      const table = await newTable(
        `id integer PRIMARY KEY, name varchar(20), must varchar(10) NOT NULL, has varchar(10) NOT NULL DEFAULT 'x',
         email varchar(50) UNIQUE, a integer, b integer, made integer GENERATED ALWAYS AS (a * 2) STORED, UNIQUE (a, b)`,
      );
      const { schema, keys, issues } = await harness.schema(table);
      const flags = schema.properties.map(({ name: property, nullable, createRequired }) => [
        property,
        nullable,
        createRequired,
      ]);
      expect(flags).toEqual([
        ['id', undefined, true],
        ['name', true, undefined],
        ['must', undefined, true],
        ['has', undefined, undefined],
        ['email', true, undefined],
        ['a', true, undefined],
        ['b', true, undefined],
      ]);
      expect(schema.properties[1]?.type).toEqual({ kind: 'string', maxLength: 20 });
      expect(keys.toSorted()).toEqual(['email', 'id']);
      expect(issues).toEqual(['column "made" cannot be written: it is generated']);
    });

    it('keep arrays, maps and JSON as JSON text in texts', async () => {
      const table = await newTable('id integer PRIMARY KEY, name varchar(200), tags varchar(200), raw varchar(200)');
      const columns: Record<string, Type> = {
        id: INT,
        name: { kind: 'map', elementType: INT },
        tags: { kind: 'array', elementType: TEXT },
        raw: { kind: 'json' },
      };
      await exportRows(harness, table, { columns, rows: [[1, { a: 1 }, ["it's", 'b\\"'], '{"x": [1]}']] });
      const [row] = await rowsOf(table);
      expect(JSON.parse(String(row?.name))).toEqual({ a: 1 });
      expect(JSON.parse(String(row?.tags))).toEqual(["it's", 'b\\"']);
      expect(row?.raw).toBe('{"x": [1]}');
    });
  });
}
