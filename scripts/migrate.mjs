// Brings a database up to date: `node scripts/migrate.mjs` with DATABASE_URL, or migrate(databaseUrl) from elsewhere.
// It keeps Prisma's own books (table _prisma_migrations, checksums, advisory lock), so that the Prisma command line and
// this can be used in turn. It needs neither Prisma's engine nor its command line, only pg.
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { applyMigration } from './migrations/apply-migration.mjs';
import { ensureDatabase } from './migrations/ensure-database.mjs';
import { readHistory, refuseFailed } from './migrations/history.mjs';
import { readMigrations } from './migrations/read-migrations.mjs';
import { repositoryRoot } from './paths.mjs';

// Prisma takes the same lock: only one of us migrates a database at a time.
const PRISMA_LOCK = 72707369;
const LOCK_TIMEOUT = '2min';

/**
 * Applies the migrations that the database does not have yet, in order. Creates the database when it is missing.
 * @param {string} databaseUrl
 * @param {{ directory?: string }} [options] `directory`: where the migrations are
 * @returns {Promise<{ applied: string[], changed: string[] }>} `changed`: migrations whose text is not any more what was applied
 */
export async function migrate(databaseUrl, { directory = path.join(repositoryRoot, 'prisma', 'migrations') } = {}) {
  const migrations = await readMigrations(directory);
  await ensureDatabase(databaseUrl);
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'penstock migrate' });
  // A lost connection is reported by the query that it breaks; without a listener it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    const history = await readHistory(client);
    refuseFailed(history);
    const applied = [];
    const changed = [];
    for (const migration of migrations) {
      const known = history.get(migration.name);
      if (known && known.checksum !== migration.checksum) changed.push(migration.name);
      if (known) continue;
      await applyMigration(client, migration);
      applied.push(migration.name);
    }
    return { applied, changed };
  } finally {
    await client.end();
  }
}

/** @param {NodeJS.ProcessEnv} env */
async function main({ DATABASE_URL: databaseUrl }) {
  if (!databaseUrl) throw new Error('DATABASE_URL is not set: it names the database to migrate');
  const { applied, changed } = await migrate(databaseUrl);
  for (const name of changed)
    console.warn(`migration ${name} was changed after it had been applied; the change has no effect`);
  console.log(applied.length ? `applied ${applied.join(', ')}` : 'the database is up to date');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.env).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
