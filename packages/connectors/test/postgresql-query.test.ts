import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordsPreview } from '../src/index.js';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { rejection, unhurried } from './read-source.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const placeholder = (name: string) => `\${${name}}`;

describe('postgresql previews', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
    await test.execute('CREATE TABLE users (id bigint, at timestamptz, tags text[])');
    await test.execute(
      `INSERT INTO users SELECT n, '2026-01-01 10:00:00.5+02', ARRAY['a', NULL] FROM generate_series(1, 1000) n`,
    );
  });
  afterAll(() => test.drop());

  const query = (text: string, limit = 100): Promise<RecordsPreview> =>
    postgresql.query(test.settings, { query: text, limit }, unhurried());

  it('return rows as data JSON and the schema of the columns', async () => {
    expect(await query('SELECT * FROM users ORDER BY id DESC', 2)).toEqual({
      schema: {
        kind: 'object',
        properties: [
          { name: 'id', type: { kind: 'int', bitSize: 64 }, nullable: true, description: '' },
          { name: 'at', type: { kind: 'datetime' }, nullable: true, description: '' },
          { name: 'tags', type: { kind: 'array', elementType: { kind: 'string' } }, nullable: true, description: '' },
        ],
      },
      rows: [
        { id: '1000', at: '2026-01-01T08:00:00.500Z', tags: ['a', null] },
        { id: '999', at: '2026-01-01T08:00:00.500Z', tags: ['a', null] },
      ],
      issues: [],
    });
  });

  it('give the placeholders NULL and the limit', async () => {
    const { rows } = await query(`SELECT ${placeholder('updated_at')} IS NULL AS n, ${placeholder(' limit ')} AS l`, 7);
    expect(rows).toEqual([{ n: true, l: 7 }]);
  });

  it('return the schema alone with limit 0, without executing the query', async () => {
    const { schema, rows } = await query('SELECT 1/0 AS n', 0);
    expect({ schema, rows }).toMatchObject({ schema: { properties: [{ name: 'n' }] }, rows: [] });
  });

  it('return no more rows than the limit, whatever the query says', async () => {
    expect((await query('SELECT id FROM users LIMIT 500', 100)).rows).toHaveLength(100);
  });

  it.each([-1, 101, 1.5, Number.NaN])('refuse the limit %d', async (limit) => {
    expect(await rejection(query('SELECT 1 AS n', limit))).toMatchObject({ code: 'BadRequest' });
  });

  it('say which columns and values cannot be imported', async () => {
    const preview = await query("SELECT 1 AS a, interval '1 s' AS i, 'infinity'::date AS d, 2 AS a");
    expect(preview.rows).toEqual([{ a: 1, d: null }]);
    expect(preview.issues).toEqual([
      'column "i" has type "interval", which is not supported; cast it in the query, for example to text',
      'column 4 has the name "a" of column 1; rename one of them with AS in the query',
      'a value is not shown: year of property "d" is not in range [1,9999]',
    ]);
  });

  it('have no schema when no column can be imported', async () => {
    const issue = 'column "i" has type "interval", which is not supported; cast it in the query, for example to text';
    expect(await query("SELECT interval '1 s' AS i")).toEqual({ schema: null, rows: [], issues: [issue] });
  });

  it('are cut when rows are huge', async () => {
    const preview = await query("SELECT repeat('x', 1000000) AS t FROM generate_series(1, 100)");
    expect(preview.rows.length).toBeLessThan(10);
    expect(preview.issues).toEqual(['rows after these are not shown: they are too large']);
  });

  it.each([
    ['SELECT * FROM no_such_table', 'relation "no_such_table" does not exist (line 1, column 15)'],
    ['SELECT 1; SELECT 2', 'the query must be one SELECT, VALUES, TABLE or WITH'],
    ['DELETE FROM users RETURNING *', 'the query must be one SELECT, VALUES, TABLE or WITH'],
    ['WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d', 'data-modifying statement must be at the top level'],
    ['SELECT 1/0 AS n', 'the query failed: division by zero (SQLSTATE 22012)'],
    ['SELECT', 'the query returns no columns'],
  ])('refuse %j as InvalidQuery', async (text, message) => {
    const error = await rejection(query(text));
    expect(error).toMatchObject({ code: 'InvalidQuery', message: expect.stringContaining(message) });
  });

  it('refuse placeholders that do not exist', async () => {
    expect(await rejection(query(`SELECT ${placeholder('x')}`))).toMatchObject({ code: 'InvalidPlaceholder' });
  });

  it('end in the database as well when nobody waits for them any more', async () => {
    const controller = new AbortController();
    const preview = postgresql.query(
      test.settings,
      { query: 'SELECT 1 AS n FROM pg_sleep(60)', limit: 1 },
      controller.signal,
    );
    const result = rejection(preview);
    await until('the database works', async () => (await test.sessions("wait_event = 'PgSleep'")) === 1);
    controller.abort(new Error('stopped by the test'));
    expect(await result).toBe(controller.signal.reason);
    await until('the session is gone', async () => (await test.sessions()) === 0, ENDED_WHEN_TOLD_MS);
  });

  it('may take half a minute and wait a little for locks', async () => {
    const limits = "SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock";
    expect((await query(limits)).rows).toEqual([{ statement: '30s', lock: '5s' }]);
  });

  it('find tables in the schema of the settings, whatever its name is', async () => {
    await test.execute('CREATE SCHEMA "crm, ""EU"""; CREATE TABLE "crm, ""EU""".people AS SELECT 7 AS n');
    const settings = { ...test.settings, schema: 'crm, "EU"' };
    const request = { query: 'SELECT n FROM people', limit: 1 };
    expect((await postgresql.query(settings, request, unhurried())).rows).toEqual([{ n: 7 }]);
    expect(await rejection(query(request.query))).toMatchObject({ code: 'InvalidQuery' });
  });

  it('leave no session behind', async () => {
    await query('SELECT 1 AS n');
    await rejection(query('SELECT 1/0 AS n'));
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });
});
