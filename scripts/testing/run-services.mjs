import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../paths.mjs';
import { startMariadb } from '../services/mariadb.mjs';
import { startPostgres } from '../services/postgres.mjs';
import { startRedis } from '../services/redis.mjs';
import { createRunDirectory, RUN_VARIABLE, removeAbandonedRuns } from './run-directory.mjs';

const FIXTURES = path.join(repositoryRoot, 'packages', 'connectors', 'test', 'fixtures');

/** With TLS, which clients may use or not, and memory for the table of a benchmark. */
const MARIADB_SETTINGS = {
  'innodb-buffer-pool-size': '512M',
  'ssl-cert': path.join(FIXTURES, 'localhost-cert.pem'),
  'ssl-key': path.join(FIXTURES, 'localhost-key.pem'),
};

/**
 * Provides PostgreSQL, Redis and MariaDB for one run of the tests or benchmarks, unless the environment names some, and returns
 * the environment for it. Afterwards nothing of it is left.
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {{ base: string, postgresSettings: Record<string, string>, env: NodeJS.ProcessEnv }} options `base`: where the data goes
 * @returns {Promise<{ directory: string, env: NodeJS.ProcessEnv }>}
 */
export async function provideRunServices(lifetime, { base, postgresSettings, env }) {
  const abandoned = await removeAbandonedRuns();
  if (abandoned) console.log(`cleaned up after ${abandoned} run${abandoned > 1 ? 's' : ''} that had been killed`);
  const { id, directory, remove } = await createRunDirectory(base);
  lifetime.defer('the directory of the run', remove);
  // What the tests start and write can be found by these, even when they forget it.
  const temporary = path.join(directory, 'tmp');
  await mkdir(temporary, { mode: 0o711 });
  /** @type {NodeJS.ProcessEnv} */
  const runEnv = { ...env, [RUN_VARIABLE]: id, TMPDIR: temporary };
  // At the same time as the others, which have to be there; this one need not.
  const mysql = env.TEST_MYSQL_URL ? undefined : provideMysql(lifetime, directory, { ...runEnv });
  try {
    Object.assign(runEnv, await provideDatabases(lifetime, directory, { postgresSettings, env }));
  } finally {
    // Also when something else failed: what has been started can be stopped only when it is known.
    Object.assign(runEnv, await mysql);
  }
  lifetime.signal.throwIfAborted();
  return { directory, env: runEnv };
}

/**
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {string} directory
 * @param {{ postgresSettings: Record<string, string>, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<NodeJS.ProcessEnv>} what the environment does not name
 */
async function provideDatabases(lifetime, directory, { postgresSettings, env }) {
  /** @type {NodeJS.ProcessEnv} */
  const found = {};
  if (!env.TEST_DATABASE_URL) {
    const postgres = await startPostgres({ directory, settings: postgresSettings });
    lifetime.defer('PostgreSQL', postgres.stop);
    found.TEST_DATABASE_URL = postgres.url;
  }
  lifetime.signal.throwIfAborted();
  if (!env.TEST_REDIS_URL) {
    const redis = await startRedis({ directory, persistent: false });
    lifetime.defer('Redis', redis.stop);
    found.TEST_REDIS_URL = redis.url;
  }
  return found;
}

/**
 * A MariaDB of the run's own, or why the tests that need one are skipped.
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {string} directory
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ TEST_MYSQL_URL: string } | { TEST_MYSQL_MISSING: string }>}
 */
async function provideMysql(lifetime, directory, env) {
  try {
    const mariadb = await startMariadb({ directory, settings: MARIADB_SETTINGS, env });
    lifetime.defer('MariaDB', mariadb.stop);
    return { TEST_MYSQL_URL: mariadb.url };
  } catch (error) {
    const [reason = ''] = /** @type {Error} */ (error).message.split('\n');
    console.log(`tests with MySQL are skipped, because there is no MariaDB here: ${reason}`);
    return { TEST_MYSQL_MISSING: reason };
  }
}
