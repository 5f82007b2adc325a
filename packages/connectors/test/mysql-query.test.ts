import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecordsPreview } from '../src/index.js';
import { describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { rejection, unhurried } from './read-source.js';
import { ENDED_WHEN_TOLD_MS, until } from './until.js';

const QUESTION_MARK = `the query has a ? outside of quotes; use \${updated_at} or \${limit}`;

const placeholder = (name: string) => `\${${name}}`;

describeMysql('mysql previews', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
    await test.execute('CREATE TABLE users (id bigint, at datetime(3), note json)');
    await test.execute(`INSERT INTO users SELECT seq, '2026-01-01 08:00:00.5', '{"a": [1, null]}' FROM seq_1_to_1000`);
    await test.execute(
      "CREATE FUNCTION fails() RETURNS int BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'secret'; RETURN 1; END",
    );
  });
  afterAll(() => test.drop());

  const query = (text: string, limit = 100): Promise<RecordsPreview> =>
    mysql.query(test.settings, { query: text, limit }, unhurried());

  it('return rows as data JSON and the schema of the columns', async () => {
    expect(await query('SELECT * FROM users ORDER BY id DESC', 2)).toEqual({
      schema: {
        kind: 'object',
        properties: [
          { name: 'id', type: { kind: 'int', bitSize: 64 }, nullable: true, description: '' },
          { name: 'at', type: { kind: 'datetime' }, nullable: true, description: '' },
          { name: 'note', type: { kind: 'json' }, nullable: true, description: '' },
        ],
      },
      rows: [
        { id: '1000', at: '2026-01-01T08:00:00.500Z', note: expect.anything() },
        { id: '999', at: '2026-01-01T08:00:00.500Z', note: expect.anything() },
      ],
      issues: [],
    });
  });

  it('give the placeholders NULL and the limit', async () => {
    const { rows } = await query(`SELECT ${placeholder('updated_at')} IS NULL AS n, ${placeholder(' limit ')} AS l`, 7);
    expect(rows).toEqual([{ n: 1, l: 7 }]);
  });

  it('return the schema alone with limit 0, without executing the query', async () => {
    const { schema, rows } = await query('SELECT fails() AS n', 0);
    expect({ schema, rows }).toMatchObject({ schema: { properties: [{ name: 'n' }] }, rows: [] });
  });

  it('return no more rows than the limit, whatever the query says', async () => {
    expect((await query('SELECT id FROM users LIMIT 500', 100)).rows).toHaveLength(100);
    expect((await query('SELECT id FROM users', 3)).rows).toHaveLength(3);
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });

  it.each([-1, 101, 1.5, Number.NaN])('refuse the limit %d', async (limit) => {
    expect(await rejection(query('SELECT 1 AS n', limit))).toMatchObject({ code: 'BadRequest' });
  });

  it('say which columns and values cannot be imported', async () => {
    const preview = await query("SELECT 1 AS a, POINT(1, 2) AS p, TIME '25:00:00' AS t, 2 AS a");
    expect(preview.rows).toEqual([{ a: 1, t: null }]);
    expect(preview.issues).toEqual([
      'column "p" has type "GEOMETRY", which is not supported; cast it in the query, for example to CHAR',
      'column 4 has the name "a" of column 1; rename one of them with AS in the query',
      'a value is not shown: time of property "t" is not in range [00:00:00,23:59:59.999999]',
    ]);
  });

  it('have no schema when no column can be imported', async () => {
    const issue = 'column "p" has type "GEOMETRY", which is not supported; cast it in the query, for example to CHAR';
    expect(await query('SELECT POINT(1, 2) AS p')).toEqual({ schema: null, rows: [], issues: [issue] });
  });

  it('are cut when rows are huge', async () => {
    const preview = await query("SELECT REPEAT('x', 1000000) AS t FROM seq_1_to_100");
    expect(preview.rows.length).toBeLessThan(10);
    expect(preview.issues).toEqual([expect.stringMatching(/too large$/)]);
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });

  it.each([
    ['SELECT * FROM no_such_table', "no_such_table' doesn't exist"],
    ['SELECT nothing FROM users', "Unknown column 'nothing'"],
    ['SELECT 1 FORM users', 'You have an error in your SQL syntax'],
    ['SELECT * FROM mysql.global_priv', 'command denied to user'],
    ['SELECT 1; SELECT 2', 'the query must be one SELECT, VALUES, TABLE or WITH'],
    ['DELETE FROM users', 'the query must be one SELECT, VALUES, TABLE or WITH'],
    ['SELECT * FROM users FOR UPDATE', 'FOR UPDATE is not allowed: it locks what it reads'],
    ['SELECT fails() AS n', 'the query failed: a function raised an exception (error 1644)'],
    ['SELECT 9223372036854775807 + id AS n FROM users', 'the query failed: a number is out of the range of its type'],
    ['SELECT (SELECT id FROM users) AS n', 'Subquery returns more than 1 row'],
    ['SELECT', 'You have an error in your SQL syntax'],
    ['SELECT id FROM users WHERE id > ?', QUESTION_MARK],
    ['DO SLEEP(?)', 'the query must be one SELECT'],
  ])('refuse %j as InvalidQuery', async (text, message) => {
    const error = await rejection(query(text));
    expect(error).toMatchObject({ code: 'InvalidQuery', message: expect.stringContaining(message) });
    expect(inspect(error, { depth: null })).not.toContain('secret');
  });

  it('may have a question mark in a text, and refuse others before they are executed', async () => {
    expect((await query("SELECT '?' AS q -- ?")).rows).toEqual([{ q: '?' }]);
    expect(await rejection(query('SELECT ? AS q', 0))).toMatchObject({ code: 'InvalidQuery', message: QUESTION_MARK });
    const opened = test.source('SELECT ? AS q').open(null, unhurried());
    expect(await rejection(opened)).toMatchObject({ code: 'SourceRefused', message: QUESTION_MARK });
  });

  it('refuse placeholders that do not exist', async () => {
    expect(await rejection(query(`SELECT ${placeholder('x')}`))).toMatchObject({ code: 'InvalidPlaceholder' });
  });

  it('end in the database as well when nobody waits for them any more', async () => {
    const controller = new AbortController();
    const preview = mysql.query(test.settings, { query: 'SELECT SLEEP(60) AS n', limit: 1 }, controller.signal);
    const result = rejection(preview);
    await until('the database works', async () => (await test.sessions("COMMAND <> 'Sleep'")) === 1);
    controller.abort(new Error('stopped by the test'));
    expect(await result).toBe(controller.signal.reason);
    await until('the session is gone', async () => (await test.sessions()) === 0, ENDED_WHEN_TOLD_MS);
  });

  it('may take half a minute and wait a little for locks', async () => {
    const limits = 'SELECT CAST(@@max_statement_time AS CHAR) AS statement, @@lock_wait_timeout AS lock_s';
    expect((await query(limits)).rows).toEqual([{ statement: '30.000000', lock_s: '5' }]);
  });

  it('leave no session behind', async () => {
    await query('SELECT 1 AS n');
    await rejection(query('SELECT fails() AS n'));
    await until('the sessions are gone', async () => (await test.sessions()) === 0);
  });
});
