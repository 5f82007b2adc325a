import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startPostgres } from '../services/postgres.mjs';
import { startRedis } from '../services/redis.mjs';
import { createRunDirectory, RUN_VARIABLE, removeAbandonedRuns } from './run-directory.mjs';

/**
 * Provides PostgreSQL and Redis for one run of the tests or benchmarks, unless the environment names some, and returns
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
  if (!env.TEST_DATABASE_URL) {
    const postgres = await startPostgres({ directory, settings: postgresSettings });
    lifetime.defer('PostgreSQL', postgres.stop);
    runEnv.TEST_DATABASE_URL = postgres.url;
  }
  lifetime.signal.throwIfAborted();
  if (!env.TEST_REDIS_URL) {
    const redis = await startRedis({ directory, persistent: false });
    lifetime.defer('Redis', redis.stop);
    runEnv.TEST_REDIS_URL = redis.url;
  }
  lifetime.signal.throwIfAborted();
  return { directory, env: runEnv };
}
