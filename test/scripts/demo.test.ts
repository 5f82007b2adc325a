import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError } from '../../scripts/demo/api-client.mjs';
import { NEWSLETTER_FILE, PROFILE_SCHEMA } from '../../scripts/demo/definitions.mjs';
import { describeResolution, describeRun } from '../../scripts/demo/describe-run.mjs';
import { ensureNewsletterFile } from '../../scripts/demo/newsletter-file.mjs';
import { nextSteps } from '../../scripts/demo/next-steps.mjs';
import { ensureProperties } from '../../scripts/demo/profile-schema.mjs';
import { ensureSourceDatabase } from '../../scripts/demo/source-database.mjs';
import { createWarehouseDatabase } from '../../scripts/demo/warehouse-database.mjs';
import { temporaryDirectory } from './fixtures.js';

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

describe('the file of the newsletter', () => {
  test('is written as a whole, whatever a start that was killed has left of it', async () => {
    const root = await temporaryDirectory();
    await ensureNewsletterFile(root);
    const file = path.join(root, NEWSLETTER_FILE);
    const whole = await readFile(file, 'utf8');
    expect(whole.trimEnd().split('\n')).toHaveLength(6_001);
    const other = await temporaryDirectory();
    await ensureNewsletterFile(other);
    expect(await readFile(path.join(other, NEWSLETTER_FILE), 'utf8')).toBe(whole);
    expect(await readdir(path.dirname(file))).toEqual([path.basename(file)]);
  });

  test('is left as the user has changed it', async () => {
    const root = await temporaryDirectory();
    await ensureNewsletterFile(root);
    await writeFile(path.join(root, NEWSLETTER_FILE), 'email,subscribed_on\n');
    await ensureNewsletterFile(root);
    expect(await readFile(path.join(root, NEWSLETTER_FILE), 'utf8')).toBe('email,subscribed_on\n');
  });
});

describe('the profile schema of a demo that an earlier version made', () => {
  const waiting = { signal: new AbortController().signal, check: async () => undefined };
  const own = { name: 'own', type: { kind: 'string' }, readOptional: true, description: '' };
  const before = { kind: 'object', properties: [own, ...PROFILE_SCHEMA.properties.slice(0, 3)] };

  /** An API whose alterations end at the second look, with an error or none; the first is refused, as something else is under way. */
  function apiWith(error: string | null) {
    const shown = { schema: before, altered: [] as (typeof before)[], looks: 0, refused: false };
    return {
      shown,
      get: async (resource: string) => {
        if (resource.endsWith('/latest-alter')) return { endTime: error && 'now', error };
        const [altered] = shown.altered;
        if (altered !== undefined && error === null && shown.looks++ > 0) shown.schema = altered;
        return { schema: shown.schema };
      },
      put: async (_: string, body: unknown) => {
        if (!shown.refused) {
          shown.refused = true;
          throw new ApiError('PUT', 422, { code: 'OperationAlreadyExecuting' });
        }
        shown.altered.push((body as { schema: typeof before }).schema);
      },
      post: async () => undefined,
      has: async () => true,
    };
  }

  test('gets what it lacks, once, and keeps what the user has added', async () => {
    const api = apiWith(null);
    await ensureProperties(api, waiting);
    await ensureProperties(api, waiting);
    expect(api.shown.altered).toEqual([{ kind: 'object', properties: [own, ...PROFILE_SCHEMA.properties] }]);
  });

  test('is not waited for when it cannot be altered', async () => {
    await expect(ensureProperties(apiWith('no space left'), waiting)).rejects.toThrow(
      'the profile schema cannot be altered: no space left',
    );
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
    expect(lines.join('\n')).toContain('http://127.0.0.1:8080/v1/dry-runs/$DRY');
    expect(lines.join('\n')).not.toMatch(/api_\w{20}/);
  });
});
