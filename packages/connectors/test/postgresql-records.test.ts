import type { RecordFailure } from '@penstock/domain';
import type { RawRow } from '@penstock/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectionPools } from '../src/index.js';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { startProxy } from './tcp-server.js';
import { until } from './until.js';

const MIB = 1024 * 1024;

describe('records of postgresql', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
  });
  afterAll(() => test.drop());

  it('that are too large fail alone, at Receive', async () => {
    const query = `SELECT n, repeat('x', CASE WHEN n % 2 = 0 THEN ${17 * MIB} ELSE n END) AS t FROM generate_series(1, 5) n`;
    const { rows, unreadable } = await readEverything(test.source, query);
    expect(rows).toEqual([1, 3, 5].map((n) => [String(n), 'x'.repeat(n)]));
    const failure = { step: 'Receive', code: 'RecordTooLarge', message: 'record is larger than 16 MiB', key: null };
    expect(unreadable).toEqual([failure, failure]);
  });

  it('that are just not too large are read', async () => {
    const { rows } = await readAll(test.source, `SELECT repeat('é', ${8 * MIB - 1}) AS t FROM generate_series(1, 2)`);
    expect(rows.map(([text]) => String(text).length)).toEqual([8 * MIB - 1, 8 * MIB - 1]);
  });

  it('arrive while the query is still running', async () => {
    const controller = new AbortController();
    const query = "SELECT repeat('x', 100000) AS t FROM generate_series(1, 2) UNION ALL SELECT 'y' FROM pg_sleep(60)";
    const reader = await test.source(query).open(null, controller.signal);
    const batches = reader.batches()[Symbol.asyncIterator]();
    // The end of the second row may wait in the server, which sends its buffer when it is full.
    expect((await batches.next()).value?.rows[0]).toEqual(['x'.repeat(100_000)]);
    controller.abort();
    await rejection(batches.next());
  });

  it('that are not valid in UTF-8 fail alone where the database does not know its encoding', async () => {
    const ascii = await openPostgresql({}, "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    try {
      await ascii.execute(
        "CREATE TABLE texts AS SELECT 1 AS id, 'é' AS t UNION ALL SELECT 2, convert_from('\\xe9', 'SQL_ASCII')",
      );
      const { rows, unreadable } = await readEverything(ascii.source, 'SELECT id, t FROM texts ORDER BY id');
      expect(rows).toEqual([['1', 'é']]);
      expect(unreadable).toMatchObject([{ step: 'Receive', code: 'InvalidEncoding' }]);
    } finally {
      await ascii.drop();
    }
  });

  it('that fail in the query end the read without a word of what they hold', async () => {
    await test.execute("CREATE TABLE secrets (t text); INSERT INTO secrets VALUES ('top secret')");
    await test.execute(
      `CREATE FUNCTION tell(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', t; END $$`,
    );
    await test.execute(
      `CREATE FUNCTION tell_oddly(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', t USING ERRCODE = 'U0001'; END $$`,
    );
    for (const expression of [
      't::int',
      't::date',
      't::jsonb',
      't::inet',
      'tell(t)',
      "format('%s', t)::uuid",
      'tell_oddly(t)',
    ]) {
      const error = await rejection(readAll(test.source, `SELECT ${expression} AS v FROM secrets`));
      expect
        .soft(error, expression)
        .toMatchObject({ code: 'SourceRefused', message: expect.stringContaining('SQLSTATE') });
      expect.soft(JSON.stringify(chain(error)), expression).not.toContain('secret');
    }
  });

  it('say where a query is wrong', async () => {
    const error = await rejection(
      readAll(test.source, 'SELECT id,\n  émail, nam\nFROM (SELECT 1 AS id, 2 AS émail) u;\n'),
    );
    expect(error).toMatchObject({
      message: 'the database refused the query: column "nam" does not exist (line 2, column 10)',
    });
  });

  it('are opened in one round trip, or two with types that not every database has', async () => {
    await test.execute("CREATE TYPE plan AS ENUM ('free')");
    const proxy = await startProxy(test.settings);
    const pools = createConnectionPools();
    const source = (query: string) =>
      postgresql.openSource({ ...test.settings, host: '127.0.0.1', port: proxy.port }, query, pools);
    const tripsOf = async (query: string) => {
      const before = proxy.answers();
      const reader = await source(query).open(null, unhurried());
      const trips = proxy.answers() - before;
      await reader.close();
      await until('the connection is idle', () => pools.idle === 1);
      return trips;
    };
    await tripsOf('SELECT 1 AS n');
    expect(await tripsOf('SELECT 1 AS n')).toBe(1);
    expect(await tripsOf("SELECT 'free'::plan AS p")).toBe(2);
    await pools.close();
    await proxy.stop();
  });
});

async function readEverything(
  source: PostgresqlTest['source'],
  query: string,
): Promise<{ rows: RawRow[]; unreadable: RecordFailure[] }> {
  const reader = await source(query).open(null, unhurried());
  const rows: RawRow[] = [];
  const unreadable: RecordFailure[] = [];
  for await (const batch of reader.batches()) {
    rows.push(...batch.rows);
    unreadable.push(...batch.unreadable);
  }
  return { rows, unreadable };
}

/** Everything that a log would show of an error. */
function chain(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [];
  return [error.message, error.stack, { ...error }, ...chain(error.cause)];
}
