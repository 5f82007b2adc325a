import path from 'node:path';
import { keepRunning } from '../processes/keep-running.mjs';
import { startPostgres } from '../services/postgres.mjs';
import { startRedis } from '../services/redis.mjs';
import { displayPath } from './reporter.mjs';

/** Room for the api, several workers and the warehouse of the demo. */
const POSTGRES_SETTINGS = { max_connections: '200' };

/**
 * @typedef {object} Services
 * @property {string} controlUrl Penstock's own database
 * @property {string} serverUrl a database of the same server that exists
 * @property {string} redisUrl
 */

/**
 * Provides PostgreSQL and Redis: those that the environment names, else our own, which are kept running.
 * @param {import('./main.mjs').StartContext} context
 * @returns {Promise<Services>}
 */
export async function provideServices(context) {
  const { lifetime, reporter } = context;
  const postgres = await reporter.stage('postgresql', () => providePostgres(context));
  lifetime.signal.throwIfAborted();
  const redisUrl = await reporter.stage('redis', () => provideRedis(context));
  lifetime.signal.throwIfAborted();
  return { ...postgres, redisUrl };
}

/** @param {import('./main.mjs').StartContext} context */
async function providePostgres({ settings: { databaseUrl, dataDirectory }, lifetime, reporter }) {
  if (databaseUrl) {
    const result = { controlUrl: databaseUrl, serverUrl: databaseUrl };
    return { result, words: `yours, ${new URL(databaseUrl).host} (DATABASE_URL)` };
  }
  const kept = await keepRunning({
    name: 'PostgreSQL',
    report: reporter.line,
    start: (/** @type {import('../services/postgres.mjs').RunningService | undefined} */ previous) =>
      startPostgres({ directory: dataDirectory, settings: POSTGRES_SETTINGS, ...samePort(previous) }),
  });
  lifetime.defer('PostgreSQL', kept.stop);
  const controlUrl = new URL(kept.first.url);
  controlUrl.pathname = '/penstock';
  const result = { controlUrl: controlUrl.href, serverUrl: kept.first.url };
  return {
    result,
    words: `embedded, 127.0.0.1:${kept.first.port}, in ${displayPath(path.join(dataDirectory, 'postgres'))}`,
  };
}

/** @param {import('./main.mjs').StartContext} context */
async function provideRedis({ settings: { redisUrl, dataDirectory }, lifetime, reporter }) {
  if (redisUrl) return { result: redisUrl, words: `yours, ${new URL(redisUrl).host} (REDIS_URL)` };
  const kept = await keepRunning({
    name: 'Redis',
    report: reporter.line,
    start: (/** @type {Awaited<ReturnType<typeof startRedis>> | undefined} */ previous) =>
      startRedis({ directory: dataDirectory, persistent: true, ...samePort(previous) }),
  });
  lifetime.defer('Redis', kept.stop);
  const { url, port, origin } = kept.first;
  return { result: url, words: `${origin}, 127.0.0.1:${port}, in ${displayPath(path.join(dataDirectory, 'redis'))}` };
}

/**
 * The others know the port of the first start.
 * @param {{ port: number } | undefined} previous
 */
function samePort(previous) {
  return previous ? { port: previous.port } : {};
}
