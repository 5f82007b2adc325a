import type { DestinationRow, TableWriter } from '@penstock/engine';
import type { Type, Value } from '@penstock/language';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { readAll, unhurried } from './read-source.js';
import {
  exportRows,
  type Opening,
  openTable,
  type TableHarness,
  tableDestinationConformance,
  writeAll,
} from './table-destination-conformance.js';

const ATTEMPTS = "datname = current_database() AND application_name ~ '^penstock'";

tableDestinationConformance('postgresql', async () => {
  const test = await openPostgresql();
  await test.execute("CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
  return harnessOf(test);
});

function harnessOf(test: PostgresqlTest): TableHarness {
  const count = async (condition: string) =>
    Number((await test.execute(`SELECT count(*) FROM pg_stat_activity WHERE ${ATTEMPTS} AND ${condition}`))[0]?.count);
  return {
    table: (table, key) => postgresql.openDestination(test.settings, { table, key }),
    schema: (table) => postgresql.tableSchema(test.settings, table, unhurried()),
    execute: (sql) => test.execute(sql),
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    refuseBadNames: async (table) => {
      await test.execute(`CREATE FUNCTION ${table}_check() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.name = 'bad' THEN RAISE EXCEPTION 'no %!', NEW.name; END IF; RETURN NEW; END $$`);
      await test.execute(
        `CREATE TRIGGER c BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${table}_check()`,
      );
    },
    conflictTwice: async (table) => {
      await test.execute(`CREATE SEQUENCE ${table}_tries; CREATE FUNCTION ${table}_conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('${table}_tries') <= 2 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END IF; RETURN NULL; END $$;
        CREATE TRIGGER c AFTER INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION ${table}_conflict()`);
    },
    foldingText: 'text COLLATE folding',
    hold: async (table) => {
      const { username: user, ...settings } = test.settings;
      const client = new pg.Client({ ...settings, user });
      await client.connect();
      await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
      return () => client.end();
    },
    sessions: () => count('true'),
    waiting: () => count("wait_event_type = 'Lock'"),
    endSessions: async () => {
      await test.execute(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${ATTEMPTS}`);
    },
    stop: test.drop,
  };
}

/** What a value of a type becomes as text in a column; null where it is refused. */
type Case = readonly [column: string, type: Type, value: Value, stored: string | null];

const STRING: Type = { kind: 'string' };
const INT64: Type = { kind: 'int', bitSize: 64 };
const DATETIME: Type = { kind: 'datetime' };

const CASES: readonly Case[] = [
  ['bigint', { kind: 'int', bitSize: 32 }, -5, '-5'],
  ['bigint', INT64, '-9223372036854775808', '-9223372036854775808'],
  ['bigint', { kind: 'int', bitSize: 64, unsigned: true }, '18446744073709551615', null],
  ['integer', INT64, '12', '12'],
  ['integer', INT64, '9223372036854775807', null],
  ['smallint', { kind: 'year' }, 2024, '2024'],
  [
    'numeric',
    { kind: 'decimal', precision: 40, scale: 10 },
    '-12345678901234567890.0123456789',
    '-12345678901234567890.0123456789',
  ],
  ['numeric(6,2)', { kind: 'decimal', precision: 10, scale: 4 }, '1.2345', null],
  ['numeric(6,2)', { kind: 'int', bitSize: 32 }, 1234, '1234.00'],
  ['numeric(6,2)', { kind: 'int', bitSize: 32 }, 123_456, null],
  ['real', { kind: 'float', bitSize: 32 }, Math.fround(0.1), '0.1'],
  ['double precision', { kind: 'float', bitSize: 64 }, Number.NaN, 'NaN'],
  ['double precision', { kind: 'float', bitSize: 64 }, 1e-300, '1e-300'],
  ['boolean', { kind: 'boolean' }, true, 'true'],
  ['text', { kind: 'boolean' }, true, 'true'],
  ['text', STRING, 'é🎉\t\\N', 'é🎉\t\\N'],
  ['text', STRING, 'with \0 inside', null],
  ['text', { kind: 'int', bitSize: 32 }, 7, '7'],
  ['varchar(3)', STRING, 'äöü', 'äöü'],
  ['char(4)', STRING, 'ab', 'ab  '],
  ['name', STRING, 'a name', 'a name'],
  ['bytea', STRING, '\\x00ff', '\\x00ff'],
  ['bytea', STRING, 'no \\ bytes', null],
  ['macaddr', STRING, '08:00:2b:01:02:03', '08:00:2b:01:02:03'],
  ['cidr', STRING, '10.0.0.0/8', '10.0.0.0/8'],
  ['cidr', STRING, '10.0.0.1/8', null],
  ['xml', STRING, '<a/>', '<a/>'],
  ['uuid', { kind: 'uuid' }, '0189d4c6-9d5b-7c3e-8b1a-2f3e4d5c6b7a', '0189d4c6-9d5b-7c3e-8b1a-2f3e4d5c6b7a'],
  ['uuid', { kind: 'uuid' }, '0189d4c6-9d5b-7c3e-8b1a-2f3e4d5c6b7g', null],
  ['uuid', { kind: 'uuid' }, '0189d4c69-d5b-7c3e-8b1a-2f3e4d5c6b7a', null],
  ['uuid', { kind: 'uuid' }, '0189d4c6a9d5ba7c3ea8b1aa2f3e4d5c6b7a', null],
  ['inet', { kind: 'ip' }, '2001:db8::1', '2001:db8::1'],
  ['date', { kind: 'date' }, '0001-01-01', '0001-01-01'],
  ['time', { kind: 'time' }, '23:59:59.123456789', '23:59:59.123456'],
  ['timestamp', DATETIME, '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999'],
  ['timestamptz', DATETIME, '2024-02-29 12:00:00.5', '2024-02-29 12:00:00.5+00'],
  ['timestamp', { kind: 'date' }, '2024-02-29', '2024-02-29 00:00:00'],
  ['json', { kind: 'json' }, '{"a" : 1}', '{"a" : 1}'],
  ['jsonb', { kind: 'json' }, '{"a" : 1}', '{"a": 1}'],
  ['jsonb', { kind: 'json' }, '"\\u0000"', null],
  ['jsonb', { kind: 'array', elementType: INT64 }, ['1', null], '[1, null]'],
  ['jsonb', { kind: 'map', elementType: DATETIME }, { at: '2024-01-02 03:04:05' }, '{"at": "2024-01-02T03:04:05Z"}'],
  ['text[]', { kind: 'array', elementType: STRING }, ['a,b', null, ''], '{"a,b",NULL,""}'],
  ['integer[]', { kind: 'array', elementType: INT64 }, ['1', '2'], '{1,2}'],
  ['varchar(2)[]', { kind: 'array', elementType: STRING }, ['abc'], null],
  ['bytea[]', { kind: 'array', elementType: STRING }, ['\\x01'], '{"\\\\x01"}'],
  ['mood', STRING, 'happy', 'happy'],
  ['mood', STRING, 'furious', null],
  ['mood[]', { kind: 'array', elementType: STRING }, ['happy'], '{happy}'],
  ['positive', { kind: 'int', bitSize: 32 }, 1, '1'],
  ['positive', { kind: 'int', bitSize: 32 }, -1, null],
];

/** Columns whose type we do not write in binary. */
const CAST = /^(?:bytea|macaddr|cidr|xml|name)/;

/** How many rows were inserted; null where they were staged instead. */
async function insertAtOnce(
  { insertion }: TableWriter,
  rows: readonly DestinationRow[],
  firstSequence = 0,
): Promise<number | null> {
  if (insertion === undefined) throw new Error('the writer has no insertion');
  insertion.add(rows, firstSequence);
  return insertion.flush();
}

async function insertRows(
  harness: TableHarness,
  table: string,
  { rows, ...opening }: Opening & { readonly rows: readonly DestinationRow[] },
): Promise<boolean> {
  const writer = await openTable(harness, table, opening);
  try {
    return (await insertAtOnce(writer, rows)) === rows.length;
  } finally {
    await writer.close();
  }
}

describe('a table of postgresql', () => {
  it('keeps values of every kind in every sensible column, and refuses alone what does not fit', async () => {
    const test = await openPostgresql();
    await test.execute("SET TimeZone TO 'UTC'");
    await test.execute("CREATE TYPE mood AS ENUM ('happy'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0)");
    const harness = harnessOf(test);
    let insertable = 0;
    for (const [index, [column, type, value, stored]] of CASES.entries()) {
      const table = `c${index}`;
      const label = `${type.kind} ${JSON.stringify(value)} in ${column}`;
      await test.execute(`CREATE TABLE ${table} (id integer PRIMARY KEY, v ${column})`);
      const columns: Record<string, Type> = { id: { kind: 'int', bitSize: 32 }, v: type };
      const outcome = await exportRows(harness, table, {
        columns,
        rows: [
          [1, value],
          [2, null],
        ],
      });
      expect(
        outcome.refused.map(({ sequence }) => sequence),
        `${label}: ${outcome.refused[0]?.message}`,
      ).toEqual(stored === null ? [0] : []);
      const rows = await test.execute(
        `SELECT id, format('%s', v) AS v, v IS NULL AS is_null FROM ${table} ORDER BY id`,
      );
      const text = rows.find(({ id }) => id === 1)?.v ?? null;
      const shown = column === 'boolean' && text === 't' ? 'true' : text;
      expect(shown, label).toEqual(stored);
      expect(rows.at(-1), label).toMatchObject({ id: 2, is_null: true });
      await test.execute(`CREATE TABLE d${index} (id integer PRIMARY KEY, v ${column})`);
      const inserted = await insertRows(harness, `d${index}`, { columns, rows: [[1, value]] });
      if (stored === null || !inserted) {
        expect([inserted, await test.execute(`SELECT FROM d${index}`)], label).toEqual([false, []]);
      } else {
        expect(await test.execute(`SELECT id, format('%s', v) AS v FROM d${index}`), label).toEqual([
          { id: 1, v: text },
        ]);
        insertable += 1;
      }
    }
    // Only what has to be cast is not.
    expect(insertable).toBe(CASES.filter(([column, , , stored]) => stored !== null && !CAST.test(column)).length);
    await test.drop();
  }, 60_000);

  it('takes rows at once that it has not, all or none; the others are staged, and no more are tried after the first that it refused', async () => {
    const test = await openPostgresql();
    await test.execute('CREATE TABLE once (id integer PRIMARY KEY, name varchar(4))');
    const writer = await openTable(harnessOf(test), 'once');
    const names = async () => (await test.execute('SELECT name FROM once ORDER BY id')).map(({ name }) => name);
    const insert = (first: number, ...rows: DestinationRow[]) => insertAtOnce(writer, rows, first);
    expect(await insert(0, [1, 'one'], [2, null])).toBe(2);
    // It is known before anything is sent: the next ones may do.
    expect(await insert(2, [null, 'none'], [3, 'tree'], [4, 'a\0b'], [5, 'five'])).toBeNull();
    expect(await names()).toEqual(['one', null]);
    expect(await writeAll(writer)).toMatchObject({
      written: 2,
      refused: [
        { sequence: 2, message: 'the key has no value' },
        { sequence: 4, message: expect.stringContaining('NUL') },
      ],
    });
    expect(await insert(6, [6, 'six'])).toBe(1);
    expect(await insert(7, [7, 'seven'], [2, 'two'])).toBeNull();
    expect(await writeAll(writer)).toMatchObject({
      written: 1,
      refused: [{ sequence: 7, message: expect.stringContaining('too long') }],
    });
    expect(await insert(9, [8, 'nine'])).toBeNull();
    expect(await writeAll(writer)).toMatchObject({ written: 1, refused: [] });
    expect(await names()).toEqual(['one', 'two', 'tree', 'five', 'six', 'nine']);
    expect(await writer.insertion?.flush()).toBe(0);
    await writer.close();
    await test.drop();
  });

  it('takes rows over for the next insertion while one is under way', async () => {
    const test = await openPostgresql();
    await test.execute('CREATE TABLE busy (id integer PRIMARY KEY, name text)');
    const writer = await openTable(harnessOf(test), 'busy');
    const numbers = (from: number, to: number): DestinationRow[] =>
      Array.from({ length: to - from }, (_, index) => [from + index, 'x']);
    expect(writer.insertion?.add(numbers(0, 4_999), 0)).toBe(false);
    expect(writer.insertion?.add(numbers(4_999, 5_000), 4_999)).toBe(true);
    const first = writer.insertion?.flush();
    writer.insertion?.add(numbers(5_000, 5_003), 5_000);
    expect(await first).toBe(5_000);
    expect(await writer.insertion?.flush()).toBe(3);
    expect(writer.insertion?.add([[5_003, 'x'.repeat(4 * 1024 * 1024)]], 5_003)).toBe(true);
    expect(await writer.insertion?.flush()).toBe(1);
    expect(await test.execute('SELECT count(*)::int AS rows, max(id) AS last FROM busy')).toEqual([
      { rows: 5_004, last: 5_003 },
    ]);
    await writer.close();
    await test.drop();
  });

  it.each([
    ['a rule', 'CREATE RULE r AS ON INSERT TO special DO ALSO INSERT INTO noted VALUES (NEW.id)'],
    ['a policy', 'ALTER TABLE special ENABLE ROW LEVEL SECURITY'],
  ])('takes no rows at once where it has %s, which such a write would pass by', async (_, sql) => {
    const test = await openPostgresql();
    await test.execute(
      `CREATE TABLE noted (id integer); CREATE TABLE special (id integer PRIMARY KEY, name text); ${sql}`,
    );
    expect(await insertRows(harnessOf(test), 'special', { rows: [[1, 'one']] })).toBe(false);
    expect(await test.execute('SELECT FROM special')).toEqual([]);
    await test.drop();
  });

  it('is written as its triggers mend the rows, and as constraints allow that wait for the end of the transaction', async () => {
    const test = await openPostgresql();
    await test.execute(`CREATE TABLE p (id integer PRIMARY KEY);
      CREATE TABLE m (id integer PRIMARY KEY, name text NOT NULL CHECK (name = lower(name)),
        parent integer REFERENCES p DEFERRABLE INITIALLY DEFERRED);
      CREATE FUNCTION mend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = coalesce(lower(NEW.name), 'none'); RETURN NEW; END $$;
      CREATE TRIGGER mend BEFORE INSERT ON m FOR EACH ROW EXECUTE FUNCTION mend()`);
    const columns: Record<string, Type> = {
      id: { kind: 'int', bitSize: 32 },
      name: STRING,
      parent: { kind: 'int', bitSize: 32 },
    };
    const outcome = await exportRows(harnessOf(test), 'm', {
      columns,
      rows: [
        [1, 'ANNA', null],
        [2, null, null],
        [3, 'x', 99],
      ],
    });
    expect(outcome).toMatchObject({ written: 2, refused: [{ sequence: 2 }] });
    expect(await test.execute('SELECT id, name FROM m ORDER BY id')).toEqual([
      { id: 1, name: 'anna' },
      { id: 2, name: 'none' },
    ]);
    await test.drop();
  });

  it('is found in the schema of the settings, and in others by name; parts of the key count as none', async () => {
    const test = await openPostgresql();
    await test.execute(`CREATE SCHEMA "My Schema"; CREATE TABLE "My Schema"."T" (id bigint GENERATED ALWAYS AS IDENTITY,
      key text, part text, UNIQUE (key));
      CREATE UNIQUE INDEX ON "My Schema"."T" (part) WHERE part <> '';
      CREATE UNIQUE INDEX ON "My Schema"."T" (lower(part));
      ALTER TABLE "My Schema"."T" ADD UNIQUE (id) DEFERRABLE;
      CREATE TABLE parts (id integer, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (10)`);
    const found = await postgresql.tableSchema(test.settings, '"My Schema"."T"', unhurried());
    expect(found.keys).toEqual(['key']);
    expect(found.issues).toEqual(['column "id" cannot be written: it is generated']);
    const own = { ...test.settings, schema: 'My Schema' };
    expect(await postgresql.tableSchema(own, '"T"', unhurried())).toEqual(found);
    const columns: Record<string, Type> = { id: { kind: 'int', bitSize: 32 }, name: STRING };
    const outcome = await exportRows(harnessOf(test), 'parts', {
      columns,
      rows: [
        [1, 'a'],
        [11, 'nowhere'],
      ],
    });
    expect(outcome).toMatchObject({ written: 1, refused: [{ sequence: 1 }] });
    for (const table of ['pg_catalog.pg_class', 'information_schema.tables']) {
      await expect(postgresql.tableSchema(test.settings, table, unhurried())).rejects.toMatchObject({
        code: 'DestinationRefused',
      });
    }
    await test.drop();
  });

  it.each(['ext.citext', 'folded', 'char(9) COLLATE folding'])(
    'tells rows apart whose keys are the same to %s',
    async (type) => {
      const test = await openPostgresql();
      await test.execute(`CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE DOMAIN folded AS ext.citext;
      CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE k (id ${type} PRIMARY KEY, name text); INSERT INTO k VALUES ('Anna', 'kept'), ('Berta', 'old')`);
      const columns = { id: STRING, name: STRING };
      const writer = await openTable(harnessOf(test), 'k', { columns });
      await writer.stage(
        [
          ['anna', 'second'],
          ['Berta', 'new'],
          ['Carla ', 'third'],
        ],
        0,
      );
      expect(await writeAll(writer)).toMatchObject({ written: 2, refused: [{ sequence: 0 }] });
      const removed: number[] = [];
      for await (const count of writer.remove(['anna', 'BERTA', 'Carla '])) removed.push(count);
      expect(removed).toEqual([1]);
      await writer.close();
      const rows = await test.execute('SELECT rtrim(id::text) AS id, name FROM k ORDER BY 1');
      expect(rows).toEqual([
        { id: 'Anna', name: 'kept' },
        { id: 'Berta', name: 'new' },
      ]);
      await test.drop();
    },
  );

  it('is read again by the source as it was written', async () => {
    const test = await openPostgresql();
    await test.execute('CREATE TABLE r (id integer PRIMARY KEY, at timestamptz, n numeric(10,2), tags text[])');
    const { schema } = await postgresql.tableSchema(test.settings, 'r', unhurried());
    const columns = Object.fromEntries(schema.properties.map(({ name, type }) => [name, type]));
    await exportRows(harnessOf(test), 'r', { columns, rows: [[1, '2024-02-29 12:00:00.25', '12.50', ['x']]] });
    const { columns: read, rows } = await readAll(test.source, 'SELECT * FROM r');
    expect(
      rows[0]?.map((field, index) => (typeof field === 'string' ? (read[index]?.decode?.(field) ?? field) : field)),
    ).toEqual([1, '2024-02-29 12:00:00.25', '12.50', ['x']]);
    await test.drop();
  });

  it('refuses the run, and not the rows, when the user may not write a column', async () => {
    const test = await openPostgresql();
    await test.execute(`CREATE TABLE g (id integer PRIMARY KEY, name text); CREATE ROLE "r_${test.settings.database}" LOGIN PASSWORD 'x';
      GRANT SELECT, INSERT ON g TO "r_${test.settings.database}"`);
    const harness = harnessOf({
      ...test,
      settings: { ...test.settings, username: `r_${test.settings.database}`, password: 'x' },
    });
    await expect(openTable(harness, 'g')).rejects.toMatchObject({
      code: 'SchemaDrift',
      message: expect.stringContaining('grant that'),
    });
    await test.execute(`DROP OWNED BY "r_${test.settings.database}"; DROP ROLE "r_${test.settings.database}"`);
    await test.drop();
  });

  it('is unavailable, or refused, in words about the destination', async () => {
    const test = await openPostgresql();
    const closed = postgresql.openDestination({ ...test.settings, port: 1 }, { table: 't', key: 'id' });
    await expect(closed.check([], unhurried())).rejects.toMatchObject({ code: 'DestinationUnavailable' });
    const stranger = { ...test.settings, username: 'nobody_of_that_name' };
    await expect(postgresql.tableSchema(stranger, 't', unhurried())).rejects.toMatchObject({
      code: expect.stringMatching(/^Destination/),
    });
    await test.drop();
  });
});
