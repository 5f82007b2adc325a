import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createConnectionPools } from '../src/index.js';
import { describeMysql, type MysqlTest, mysql, openMysql } from './open-mysql.js';
import { readAll, rejection } from './read-source.js';
import { until } from './until.js';

const MARK = join(tmpdir(), `penstock-mysql-${process.pid}`);

const SETUP = `
CREATE TABLE users (id int, name text) ENGINE = InnoDB;
CREATE TABLE plain (id int) ENGINE = MyISAM;
CREATE SEQUENCE tickets;
CREATE FUNCTION delete_users() RETURNS int BEGIN DELETE FROM users; RETURN 1; END;
CREATE FUNCTION delete_plain() RETURNS int BEGIN DELETE FROM plain; RETURN 1; END;
CREATE FUNCTION break_out() RETURNS int BEGIN SET SESSION TRANSACTION READ WRITE; DELETE FROM users; RETURN 1; END;
CREATE FUNCTION break_out_too() RETURNS int BEGIN SET tx_read_only = 0; DELETE FROM users; RETURN 1; END;
CREATE PROCEDURE remove_users() BEGIN DELETE FROM users; COMMIT; SELECT 1; END;
CREATE VIEW one AS SELECT 7 AS n;
CREATE VIEW clear AS SELECT delete_users() AS n;`;

const reserved = ['OUTFILE', 'DUMPFILE'];

/** Each is refused, and leaves everything as it is. */
const HOSTILE = [
  'SELECT 1; COMMIT; DROP TABLE users',
  'SELECT 1; ROLLBACK; START TRANSACTION READ WRITE; DELETE FROM users; COMMIT',
  'DELETE FROM users',
  'DELETE FROM users RETURNING *',
  'WITH d AS (SELECT 1 AS id) DELETE FROM users WHERE id IN (SELECT id FROM d)',
  'WITH d AS (SELECT 1 AS id) UPDATE users, d SET name = 1 WHERE users.id = d.id',
  "INSERT INTO users VALUES (3, 'c') RETURNING *",
  "REPLACE INTO users VALUES (3, 'c') RETURNING *",
  'CREATE TABLE copied AS SELECT * FROM users',
  'CREATE TEMPORARY TABLE copied AS SELECT * FROM users',
  'SELECT delete_users() AS n',
  'SELECT delete_plain() AS n',
  'SELECT break_out() AS n',
  'SELECT break_out_too() AS n',
  'SELECT * FROM clear',
  'SELECT id FROM users WHERE delete_users() = 1',
  'WITH w AS (SELECT delete_users() AS n) SELECT * FROM w',
  'CALL remove_users()',
  'EXECUTE IMMEDIATE "DELETE FROM users"',
  'BEGIN NOT ATOMIC DELETE FROM users; END',
  'ANALYZE DELETE FROM users',
  'ANALYZE SELECT delete_users()',
  'EXPLAIN SELECT 1',
  'DO delete_users()',
  'SET STATEMENT max_statement_time = 1 FOR SELECT delete_users()',
  'SET @@tx_read_only = 0',
  'SET TRANSACTION READ WRITE',
  'HANDLER users OPEN',
  'LOCK TABLES users WRITE',
  "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE users",
  "LOAD DATA INFILE '/etc/hostname' INTO TABLE users",
  'COMMIT',
  'ROLLBACK',
  'START TRANSACTION READ WRITE',
  'XA START "x"',
  'FLUSH TABLES',
  'KILL 1',
  'SHOW TABLES',
  'USE mysql',
  ...reserved.flatMap((into) => [
    `SELECT 1 INTO ${into} '${MARK}'`,
    `SELECT 1 INTO/**/${into} '${MARK}'`,
    `SELECT 1 into\n${into} '${MARK}' FROM users`,
    `SELECT * FROM users INTO ${into} '${MARK}'`,
    `SELECT 1.5INTO ${into} '${MARK}'`,
    `SELECT 1e1INTO ${into} '${MARK}'`,
    `SELECT \\NINTO ${into} '${MARK}'`,
    `SELECT 1 /*!INTO ${into} '${MARK}' */`,
    `SELECT 1 /*!50000 INTO ${into} '${MARK}' */`,
    `SELECT 1 /*M!100100 INTO ${into} '${MARK}' */`,
    `SELECT 1 /*!99999 ' */ INTO ${into} '${MARK}' -- ' */`,
    `SELECT 1 --' \n INTO ${into} '${MARK}' -- '`,
    `SELECT 1 # '\n INTO ${into} '${MARK}' # '`,
    `SELECT 1 /* ' */ INTO ${into} '${MARK}' /* ' */`,
    `SELECT '\\' INTO ${into} ', '${MARK}', 1 INTO ${into} '${MARK}'`,
    `SELECT 'a\\'' INTO ${into} '${MARK}' -- '`,
    `SELECT 'a''' INTO ${into} '${MARK}' -- '`,
    `SELECT "a\\"" INTO ${into} '${MARK}' -- "`,
    `SELECT 1 AS \`a\\\` INTO ${into} '${MARK}' -- \``,
    `SELECT 1 AS \`a\`\`\` INTO ${into} '${MARK}' -- \``,
    `(SELECT 1) UNION (SELECT 2 INTO ${into} '${MARK}')`,
  ]),
  'SELECT id FROM users INTO @x',
  'SELECT * FROM users FOR UPDATE',
  'SELECT * FROM users FOR/**/UPDATE',
  'SELECT * FROM users WHERE id = 5FOR UPDATE',
  'SELECT * FROM users FOR SHARE',
  'SELECT * FROM users LOCK IN SHARE MODE',
  'SELECT NEXTVAL(tickets) AS n',
  'SELECT nextval (tickets) AS n',
  'SELECT NEXT VALUE FOR tickets AS n',
  'SELECT SETVAL(tickets, 100) AS n',
  'SELECT 1 /* never closed',
  "SELECT 'never closed",
  'SELECT 1 -- a comment\u0000; DELETE FROM users',
  'SELECT ? AS v',
  '',
  ';',
  '-- nothing',
  '(((',
];

/** Each is one query, and is read. */
const HARMLESS: [query: string, fields: unknown[]][] = [
  ['SELECT 1 AS n;', [1]],
  ['SELECT 1 AS n ;; \n;\n', [1]],
  ['SELECT 1 AS n; -- a comment', [1]],
  ['SELECT 1 AS n -- a comment;', [1]],
  ['SELECT 1 AS n # a comment', [1]],
  ['/* a; comment */ SELECT 1 AS n /* another */', [1]],
  ['SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1 AS n', [1]],
  ["SELECT '); INTO OUTFILE --' AS t", ['); INTO OUTFILE --']],
  ['SELECT "it\'s; FOR UPDATE" AS t', ["it's; FOR UPDATE"]],
  ["SELECT 'a\\'; /*! b' AS t", ["a'; /*! b"]],
  ['SELECT 3 AS `into`', [3]],
  ['SELECT 5 --1 AS n', [6]],
  ["SELECT REPLACE('abc', 'b', 'x') AS t, INSERT(\"abc\", 1, 1, \"y\") AS u", ['axc', 'ybc']],
  ['(SELECT 1 AS n)', [1]],
  // MariaDB names these columns 1 and 2, which are no names of properties.
  ['VALUES (1, 2)', []],
  ['WITH v (a, b) AS (VALUES (1, 2)) SELECT * FROM v', [1, 2]],
  ['SELECT * FROM one', [7]],
  ['WITH w AS (SELECT 8 AS n) SELECT * FROM w', [8]],
  ['SELECT 1 AS n UNION ALL SELECT 2 ORDER BY n DESC LIMIT 1', [2]],
  [`SELECT ${'$'}{updated_at} IS NULL AS v`, [1]],
  [`SELECT ${'$'}{limit} AS n`, ['9223372036854775807']],
  [`SELECT 4 AS n LIMIT ${'$'}{limit}`, [4]],
];

describeMysql('mysql reads only', () => {
  let test: MysqlTest;
  beforeAll(async () => {
    test = await openMysql();
    for (const statement of SETUP.split(/;\n/)) if (statement.trim() !== '') await test.execute(statement);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.execute("TRUNCATE users; INSERT INTO users VALUES (1, 'a'), (2, 'b')");
    await test.execute('TRUNCATE plain; INSERT INTO plain VALUES (1)');
  });

  it.each(HOSTILE)('refuses %j and changes nothing', async (query) => {
    const error = await rejection(readAll(test.source, query));
    const written = existsSync(MARK);
    await rm(MARK, { force: true });
    expect(error).toMatchObject({ code: 'SourceRefused', retryable: false });
    const [state] =
      await test.execute(`SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM plain) AS plain,
      (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'copied') AS copied,
      (SELECT next_not_cached_value FROM tickets) AS ticket`);
    expect({ ...state, written }).toEqual({ users: 2, plain: 1, copied: 0, ticket: 1, written: false });
  });

  it.each(HARMLESS)('reads %j', async (query, fields) => {
    expect((await readAll(test.source, query)).rows).toEqual([fields]);
  });

  it('says where one statement ends when a query goes on after its semicolon', async () => {
    const error = await rejection(readAll(test.source, 'SELECT 1 AS n; SELECT 2'));
    expect(error).toMatchObject({ message: expect.stringContaining('nothing after its semicolon') });
  });

  it('keeps no other session waiting for what it has read', async () => {
    const reader = await test.source('SELECT * FROM users').open(null, new AbortController().signal);
    for await (const _ of reader.batches()) await test.execute('SET lock_wait_timeout = 2; DELETE FROM users');
    expect(await test.execute('SELECT * FROM users')).toEqual([]);
  });

  it('leaves no lock, variable or transaction to the next user of a connection', async () => {
    const pools = createConnectionPools();
    const source = (query: string) => mysql.openSource(test.settings, query, pools);
    const changes = "GET_LOCK('penstock_test', 0) AS locked, @left := 'behind' AS v";
    const first = await readAll(source, `SELECT CONNECTION_ID() AS id, ${changes}`);
    await until('the connection is idle', () => pools.idle === 1);
    const [held] = await test.execute("SELECT IS_USED_LOCK('penstock_test') AS holder");
    const second = await readAll(source, 'SELECT CONNECTION_ID() AS id, @left IS NULL AS gone');
    await pools.close();
    expect(held).toEqual({ holder: null });
    expect(second.rows).toEqual([[first.rows[0]?.[0], 1]]);
  });

  it('sets what would cut a result short or write it in other ways', async () => {
    const names = [
      'time_zone',
      'sql_select_limit',
      'character_set_results',
      'tx_isolation',
      'max_statement_time',
      'net_write_timeout',
    ];
    const values = names.map((name) => `CAST(@@${name} AS CHAR) AS ${name}`);
    const { rows } = await readAll(test.source, `SELECT ${values.join(', ')}`);
    expect(rows).toEqual([['+00:00', '18446744073709551615', 'utf8mb4', 'REPEATABLE-READ', '0.000000', '3600']]);
  });
});
