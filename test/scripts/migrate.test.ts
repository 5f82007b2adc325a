import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../scripts/migrate.mjs';
import { runProgram, temporaryDirectory } from './fixtures.js';

const { TEST_DATABASE_URL = '' } = process.env;

/** The URL of a database that does not exist yet. */
function newDatabase(): string {
  const url = new URL(TEST_DATABASE_URL);
  const name = `migrate_${randomBytes(6).toString('hex')}`;
  url.pathname = `/${name}`;
  onTestFinished(() => query(TEST_DATABASE_URL, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => {}));
  return url.href;
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function writeMigrations(migrations: Record<string, string>, directory?: string): Promise<string> {
  const target = directory ?? (await temporaryDirectory());
  for (const [name, sql] of Object.entries(migrations)) {
    await mkdir(path.join(target, name), { recursive: true });
    await writeFile(path.join(target, name, 'migration.sql'), sql);
  }
  return target;
}

const TWO = {
  '20260101000000_first': `CREATE TABLE one (id int);
    CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END; $$;`,
  '20260102000000_second': 'ALTER TABLE one ADD name text; -- CONCURRENTLY is only a word here',
};

test('creates the database and applies what is missing, in order, once', async () => {
  const url = newDatabase();
  const directory = await writeMigrations(TWO);
  expect(await migrate(url, { directory })).toEqual({ applied: Object.keys(TWO), changed: [] });
  expect(await migrate(url, { directory })).toEqual({ applied: [], changed: [] });
  await writeMigrations({ '20260103000000_third': 'INSERT INTO one VALUES (two(), NULL);' }, directory);
  expect((await migrate(url, { directory })).applied).toEqual(['20260103000000_third']);
  expect(await query(url, 'SELECT id FROM one')).toEqual([{ id: 2 }]);
});

test("applies the project's own migrations", async () => {
  const url = newDatabase();
  expect((await migrate(url)).applied.length).toBeGreaterThan(0);
  expect(await query(url, 'SELECT count(*)::int AS count FROM runs')).toEqual([{ count: 0 }]);
});

test('keeps the books as Prisma does', async () => {
  const url = newDatabase();
  await migrate(url, { directory: await writeMigrations(TWO) });
  const rows = await query(
    url,
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at, logs, applied_steps_count
     FROM _prisma_migrations ORDER BY migration_name LIMIT 1`,
  );
  expect(rows).toEqual([
    {
      migration_name: '20260101000000_first',
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      finished: true,
      rolled_back_at: null,
      logs: null,
      applied_steps_count: 1,
    },
  ]);
});

test('two at once apply everything once', async () => {
  const url = newDatabase();
  const directory = await writeMigrations(TWO);
  const results = await Promise.all([1, 2, 3].map(() => migrate(url, { directory })));
  expect(results.flatMap((result) => result.applied).sort()).toEqual(Object.keys(TWO));
});

test('a failed migration leaves nothing behind but its reason, and can be mended and applied', async () => {
  const url = newDatabase();
  const directory = await writeMigrations({
    ...TWO,
    '20260103000000_bad': 'CREATE TABLE three (id int);\nSELECT nothing;',
  });
  await expect(migrate(url, { directory })).rejects.toThrow(
    'migration 20260103000000_bad failed: column "nothing" does not exist (line 2)',
  );
  expect(await query(url, `SELECT to_regclass('three') AS three`)).toEqual([{ three: null }]);
  expect(await query(url, 'SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL')).toHaveLength(
    2,
  );
  await writeMigrations({ '20260103000000_bad': 'CREATE TABLE three (id int);' }, directory);
  expect((await migrate(url, { directory })).applied).toEqual(['20260103000000_bad']);
});

test('CREATE INDEX CONCURRENTLY works; when it fails, nothing goes on until a person has looked', async () => {
  const url = newDatabase();
  const directory = await writeMigrations({ ...TWO, '20260103000000_index': 'CREATE INDEX CONCURRENTLY ON one (id);' });
  expect((await migrate(url, { directory })).applied).toHaveLength(3);

  await query(url, 'INSERT INTO one VALUES (1), (1)');
  await writeMigrations({ '20260104000000_unique': 'CREATE UNIQUE INDEX CONCURRENTLY one_id ON one (id);' }, directory);
  await expect(migrate(url, { directory })).rejects.toThrow(
    'migration 20260104000000_unique failed: could not create unique index',
  );
  const refusal: Error = await migrate(url, { directory }).then(
    () => new Error('was not refused'),
    (error) => error,
  );
  expect(refusal.message).toContain('migration 20260104000000_unique failed earlier and may have been applied in part');

  // What the message says works.
  await query(url, 'DROP INDEX one_id; DELETE FROM one');
  await query(url, /applied again: (UPDATE .*;)/.exec(refusal.message)?.[1] ?? '');
  expect((await migrate(url, { directory })).applied).toEqual(['20260104000000_unique']);
});

test('a migration that was changed after it was applied is named', async () => {
  const url = newDatabase();
  const directory = await writeMigrations(TWO);
  await migrate(url, { directory });
  await writeMigrations({ '20260101000000_first': 'SELECT 1;' }, directory);
  expect(await migrate(url, { directory })).toEqual({ applied: [], changed: ['20260101000000_first'] });
});

test('a server that is not there is an error that says so', async () => {
  await expect(migrate('postgresql://nobody@127.0.0.1:1/none')).rejects.toThrow('ECONNREFUSED');
});

test('the command line needs DATABASE_URL and ends with a code', async () => {
  const { child } = await runProgram(
    `import { spawn } from 'node:child_process';
     const child = spawn(process.execPath, [process.argv[1] + 'migrate.mjs'], { env: {}, stdio: ['ignore', 'inherit', 'ignore'] });
     child.on('exit', (code) => process.exit(code));`,
  );
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
});
