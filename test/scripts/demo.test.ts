import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeResolution, describeRun } from '../../scripts/demo/describe-run.mjs';
import { nextSteps } from '../../scripts/demo/next-steps.mjs';
import { ensureSourceDatabase } from '../../scripts/demo/source-database.mjs';
import { createWarehouseDatabase } from '../../scripts/demo/warehouse-database.mjs';

const { TEST_DATABASE_URL = '' } = process.env;

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A prefix for names of databases, which are dropped with the test. */
function prefix(): string {
  const text = `demo_${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    const found = await query(TEST_DATABASE_URL, `SELECT datname FROM pg_database WHERE datname LIKE '${text}%'`);
    for (const { datname } of found) await query(TEST_DATABASE_URL, `DROP DATABASE ${datname} WITH (FORCE)`);
  });
  return text;
}

describe('the database of the demo', () => {
  test('has 25,000 users, the same ones every time, of which 44 are bad in eight ways', async () => {
    const names = prefix();
    const first = await ensureSourceDatabase(TEST_DATABASE_URL, `${names}_a`);
    const second = await ensureSourceDatabase(TEST_DATABASE_URL, `${names}_b`);
    expect([first.created, second.created]).toEqual([true, true]);
    const digest = 'SELECT md5(string_agg(users::text, chr(10) ORDER BY users::text)) AS digest FROM users';
    expect(await query(first.url, digest)).toEqual(await query(second.url, digest));

    const counts = `SELECT count(*)::int AS users, count(DISTINCT email)::int AS emails,
      count(*) FILTER (WHERE id IS NULL)::int AS without_id,
      count(*) FILTER (WHERE updated_at > now())::int AS future,
      count(*) FILTER (WHERE lifetime_value !~ '^[0-9]{1,8}[.][0-9]{2}$')::int AS bad_value,
      count(*) FILTER (WHERE signup_date !~ '^20(19|2[0-4])-(0[1-9]|1[0-2])-[0-3][0-9]$')::int AS bad_date,
      count(*) FILTER (WHERE length(email) > 254)::int AS bad_email,
      count(*) FILTER (WHERE length(country) > 2)::int AS bad_country
      FROM users`;
    expect(await query(first.url, counts)).toEqual([
      {
        users: 25_000,
        emails: 24_999,
        without_id: 10,
        future: 5,
        bad_value: 15,
        bad_date: 7,
        bad_email: 2,
        bad_country: 5,
      },
    ]);
  });

  test('is left as the user has changed it', async () => {
    const name = `${prefix()}_a`;
    const { url } = await ensureSourceDatabase(TEST_DATABASE_URL, name);
    await query(url, 'DELETE FROM users WHERE id > 10 OR id IS NULL');
    expect(await ensureSourceDatabase(TEST_DATABASE_URL, name)).toEqual({ url, created: false });
    expect(await query(url, 'SELECT count(*)::int AS count FROM users')).toEqual([{ count: 10 }]);
  });

  test('for a new warehouse is always an empty one', async () => {
    const name = `${prefix()}_warehouse`;
    const first = await createWarehouseDatabase(TEST_DATABASE_URL, name);
    expect(await createWarehouseDatabase(TEST_DATABASE_URL, name)).toBe(first);
    await query(first, 'CREATE SCHEMA inside; CREATE TABLE inside.something (id int)');
    const second = await createWarehouseDatabase(TEST_DATABASE_URL, name);
    expect(new URL(second).pathname).toBe(`/${name}_2`);
  });

  test('is owned by a role that can do nothing else, least of all read the files of the server', async () => {
    const { url } = await ensureSourceDatabase(TEST_DATABASE_URL, `${prefix()}_a`);
    expect(
      await query(url, 'SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user'),
    ).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false }]);
    await expect(query(url, `SELECT pg_read_file('postgresql.conf')`)).rejects.toThrow('permission denied');
  });
});

describe('what is shown of a run', () => {
  const run = {
    id: 7,
    status: 'succeeded',
    startTime: '2026-01-01T00:00:00.000Z',
    endTime: '2026-01-01T00:00:01.500Z',
    rowsPerSecond: 16_666.7,
    steps: [{ step: 'Receive', passed: 24_990, failed: 10 }],
    added: 24_990,
    changed: 0,
    unchanged: 0,
    removed: 0,
    notice: null,
    error: null,
  };

  test('is a table of its steps, what changed, and why records failed', () => {
    expect(describeRun(run, [{ step: 'Receive', message: 'identifier column "id" is null', count: 10 }])).toEqual([
      'Run 7 succeeded in 1.5 s, 16,667 rows per second',
      '  started 2026-01-01T00:00:00.000Z   ended 2026-01-01T00:00:01.500Z',
      '  step                  passed    failed',
      '  Receive               24,990        10',
      '  warehouse: 24,990 added, 0 changed, 0 unchanged, 0 removed',
      'Why 10 records failed:',
      '     10  Receive: identifier column "id" is null',
    ]);
  });

  test('says which pipeline it is of and what it changes, where there are several', () => {
    const lines = describeRun(run, [], { title: 'Profiles to a table', where: 'table customers' });
    expect(lines[0]).toBe('Profiles to a table: run 7 succeeded in 1.5 s, 16,667 rows per second');
    expect(lines).toContain('  table customers: 24,990 added, 0 changed, 0 unchanged, 0 removed');
  });

  test('of a resolution is what became of how many identities', () => {
    const resolution = {
      ...{ error: null, startTime: '2026-01-01T00:00:00.000Z', endTime: '2026-01-01T00:00:02.000Z' },
      ...{ resolved: 30_000, added: 25_956, changed: 0, removed: 0, profiles: 25_956 },
    };
    expect(describeResolution(resolution)).toEqual([
      'Identity resolution: 30,000 identities looked at in 2.0 s',
      '  25,956 profiles: 25,956 added, 0 changed, 0 removed',
    ]);
  });

  test('is its error when it failed', () => {
    const failed = { ...run, status: 'failed', error: { message: 'the database refused the password' } };
    expect(describeRun(failed, [])).toContain('  error: the database refused the password');
  });

  test('is followed by commands without a secret in them', () => {
    const lines = nextSteps({
      url: 'http://127.0.0.1:8080',
      connection: 1,
      pipeline: 2,
      customersPipeline: 4,
      run: 3,
      demoFile: './.data/demo.json',
    });
    expect(lines.join('\n')).toContain('-X POST http://127.0.0.1:8080/v1/pipelines/2/runs');
    expect(lines.join('\n')).not.toMatch(/api_\w{20}/);
  });
});
