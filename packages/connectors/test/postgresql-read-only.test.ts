import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawField } from '@penstock/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createConnectionPools } from '../src/index.js';
import { openPostgresql, type PostgresqlTest, postgresql } from './open-postgresql.js';
import { readAll, rejection, unhurried } from './read-source.js';
import { until } from './until.js';

const MARK = join(tmpdir(), `penstock-connectors-${process.pid}`);

const SETUP = `
CREATE TABLE users (id int, name text);
CREATE SEQUENCE tickets;
CREATE FUNCTION delete_users() RETURNS int VOLATILE LANGUAGE plpgsql AS $$
BEGIN DELETE FROM users; RETURN 1; END $$;
CREATE FUNCTION break_out() RETURNS int VOLATILE LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM users; RETURN 1; END $$;
CREATE FUNCTION break_out_early() RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM set_config('transaction_read_only', 'off', true); DELETE FROM users; RETURN 1; END $$;
CREATE PROCEDURE commit_and_delete(INOUT n int) LANGUAGE plpgsql AS $$
BEGIN COMMIT; DELETE FROM users; COMMIT; END $$;`;

/** Each is refused, and leaves the users as they are. */
const HOSTILE = [
  'SELECT 1) TO STDOUT; DROP TABLE users; --',
  'SELECT 1\n) TO STDOUT; COMMIT; DROP TABLE users; --',
  'SELECT 1; COMMIT; DROP TABLE users',
  'SELECT 1; ROLLBACK; BEGIN READ WRITE; DELETE FROM users; COMMIT',
  'DELETE FROM users RETURNING *',
  'WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d',
  "WITH i AS (INSERT INTO users VALUES (3, 'c') RETURNING *) SELECT * FROM i",
  'MERGE INTO users u USING users s ON u.id = s.id WHEN MATCHED THEN DELETE RETURNING u.id',
  'SELECT * INTO copied FROM users',
  'CREATE TABLE copied AS SELECT * FROM users',
  'SELECT delete_users() AS n',
  'SELECT break_out() AS n',
  'SELECT break_out_early() AS n',
  "SELECT set_config('transaction_read_only', 'off', false) AS v, delete_users() AS n",
  "SELECT set_config('default_transaction_read_only', 'off', false) AS v, delete_users() AS n",
  'CALL commit_and_delete(1)',
  'EXPLAIN ANALYZE DELETE FROM users',
  'EXPLAIN ANALYZE SELECT delete_users()',
  'DO $$ BEGIN DELETE FROM users; END $$',
  `COPY users TO PROGRAM 'touch ${MARK}'`,
  `COPY (SELECT 1) TO PROGRAM 'touch ${MARK}'`,
  `SELECT 1) TO PROGRAM 'touch ${MARK}' --`,
  'COPY users FROM STDIN',
  "SELECT nextval('tickets') AS n",
  "SELECT setval('tickets', 100) AS n",
  'SELECT * FROM users FOR SHARE',
  'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
  'SET TRANSACTION READ WRITE',
  'COMMIT',
  'ROLLBACK',
  'BEGIN READ WRITE',
  'COMMIT AND CHAIN',
  "PREPARE TRANSACTION 'x'",
  'LOCK TABLE users',
  'LISTEN x',
  'VACUUM users',
  'FETCH ALL FROM c',
  'SHOW transaction_read_only',
  'SELECT 1 /* never closed',
  "SELECT 'never closed",
  'SELECT 1 -- a comment\u0000; DELETE FROM users',
  '',
  ';',
  '-- nothing',
];

/** Each is one query, and is read. */
const HARMLESS: [query: string, fields: string[]][] = [
  ['SELECT 1 AS n;', ['1']],
  ['SELECT 1 AS n ;; \n;\n', ['1']],
  ['SELECT 1 AS n -- a comment', ['1']],
  ['SELECT 1 AS n -- a comment;', ['1']],
  ['SELECT 1 AS n /* a comment */', ['1']],
  ["SELECT ');--' AS t", [');--']],
  ['SELECT $q$) TO STDOUT; DROP TABLE users$q$ AS t', [') TO STDOUT; DROP TABLE users']],
  ['(SELECT 1 AS n)', ['1']],
  ['VALUES (1, 2)', ['1', '2']],
  ['TABLE one', ['7']],
  ['WITH w AS (SELECT 8 AS n) SELECT * FROM w', ['8']],
  ['SELECT 1 AS n UNION ALL SELECT 2 ORDER BY n DESC LIMIT 1', ['2']],
  [`SELECT ${'$'}{updated_at} IS NULL AS v`, ['t']],
  [`SELECT ${'$'}{limit}::bigint AS n`, ['9223372036854775807']],
];

describe('postgresql reads only', () => {
  let test: PostgresqlTest;
  beforeAll(async () => {
    test = await openPostgresql();
    await test.execute(SETUP);
    await test.execute('CREATE VIEW one AS SELECT 7 AS n');
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.execute("TRUNCATE users; INSERT INTO users VALUES (1, 'a'), (2, 'b')");
  });

  it.each(HOSTILE)('refuses %j and changes nothing', async (query) => {
    const error = await rejection(readAll(test.source, query));
    expect(error).toMatchObject({ code: 'SourceRefused', retryable: false });
    const [state] = await test.execute(
      "SELECT (SELECT count(*)::int FROM users) AS users, to_regclass('copied') AS copied, (SELECT last_value::int FROM tickets) AS ticket",
    );
    expect(state).toEqual({ users: 2, copied: null, ticket: 1 });
    expect(existsSync(MARK)).toBe(false);
  });

  it('keeps nothing of what a function creates where the server lets it, as large objects before version 16', async () => {
    for (const query of ["SELECT lo_import('/etc/hostname') AS n", "SELECT lo_from_bytea(0, 'x') AS n"]) {
      await readAll(test.source, query).catch(() => undefined);
    }
    await until('nothing is read any more', async () => (await test.sessions("state <> 'idle'")) === 0);
    expect(await test.execute('SELECT oid FROM pg_largeobject_metadata')).toEqual([]);
  });

  it.each(HARMLESS)('reads %j', async (query, fields) => {
    expect((await readAll(test.source, query)).rows).toEqual([fields]);
  });

  it('says where one statement ends when a query goes on after its semicolon', async () => {
    const error = await rejection(readAll(test.source, 'SELECT 1 AS n; -- and a comment'));
    expect(error).toMatchObject({ message: expect.stringContaining('nothing after its semicolon') });
  });

  it('leaves no lock, setting or transaction to the next user of a connection', async () => {
    const pools = createConnectionPools();
    const source = (query: string) => postgresql.openSource(test.settings, query, pools);
    const changes = "pg_advisory_lock(42)::text AS lock, set_config('TimeZone', 'Asia/Tokyo', false) AS zone";
    const first = await readAll(source, `SELECT pg_backend_pid() AS pid, ${changes}`);
    await until('the connection is idle', () => pools.idle === 1);
    const locks = await test.execute(
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    const second = await readAll(source, "SELECT pg_backend_pid() AS pid, current_setting('TimeZone') AS zone");
    await pools.close();
    expect(locks).toEqual([]);
    expect(second.rows).toEqual([[first.rows[0]?.[0], 'UTC']]);
  });

  it('is not cut short by limits that the database has for others, and keeps to its own', async () => {
    const names = [
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
      'client_connection_check_interval',
    ];
    const [{ name } = {}] = await test.execute('SELECT current_database() AS name');
    await test.execute(`ALTER DATABASE ${name} SET statement_timeout = 100`);
    const pools = createConnectionPools();
    const values = names.map((name) => `current_setting('${name}') AS ${name}`);
    const query = `SELECT ${values.join(', ')} FROM pg_sleep(0.2)`;
    const { rows } = await readAll((text) => postgresql.openSource(test.settings, text, pools), query);
    await pools.close();
    await test.execute(`ALTER DATABASE ${name} RESET statement_timeout`);
    expect(rows).toEqual([['0', '30s', '5min', '10s']]);
  });

  it('rolls back what it read, so that not even a notification is sent', async () => {
    const reader = await test.source('SELECT pg_current_xact_id()::text AS id').open(null, unhurried());
    const ids: RawField[] = [];
    for await (const { rows } of reader.batches()) ids.push(rows[0]?.[0]);
    const status = async () => (await test.execute('SELECT pg_xact_status($1::xid8) AS status', [ids[0]]))[0]?.status;
    await until('the transaction is over', async () => (await status()) !== 'in progress');
    expect(await status()).toBe('aborted');
  });
});
