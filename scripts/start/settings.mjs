import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readJson, writePrivateJson } from '../files/private-json.mjs';
import { repositoryRoot } from '../paths.mjs';

const DEFAULT_PORT = 8080;

/**
 * @typedef {object} StartSettings
 * @property {string} dataDirectory
 * @property {number} workers
 * @property {string} host
 * @property {number | undefined} fixedPort as the user wants it
 * @property {number} defaultPort for the first start
 * @property {string | undefined} databaseUrl
 * @property {string | undefined} redisUrl
 */

/**
 * What the environment says about `npm start`; everything has a default.
 * @param {NodeJS.ProcessEnv} env
 * @returns {StartSettings}
 */
export function readSettings(env) {
  const fixedPort = env.PORT ? integer('PORT', env.PORT, { minimum: 1, maximum: 65_535 }) : undefined;
  return {
    dataDirectory: path.resolve(env.PENSTOCK_DATA_DIR || path.join(repositoryRoot, '.data')),
    workers: integer('WORKERS', env.WORKERS || '1', { minimum: 1, maximum: 64 }),
    host: env.HOST || '127.0.0.1',
    fixedPort,
    defaultPort: DEFAULT_PORT,
    databaseUrl: env.DATABASE_URL || undefined,
    redisUrl: env.REDIS_URL || undefined,
  };
}

/**
 * The keys of this installation: from the environment, else made once and kept.
 * @param {string} dataDirectory
 * @param {NodeJS.ProcessEnv} env
 * @param {() => string} generateApiKey
 * @returns {Promise<{ masterKey: string, adminKey: string }>}
 */
export async function readSecrets(dataDirectory, env, generateApiKey) {
  const file = path.join(dataDirectory, 'secrets.json');
  const known = await readJson(file);
  const kept = {
    masterKey: known?.masterKey ?? randomBytes(32).toString('base64'),
    adminKey: known?.adminKey ?? generateApiKey(),
  };
  if (!known) await writePrivateJson(file, kept);
  return {
    masterKey: env.PENSTOCK_MASTER_KEY || kept.masterKey,
    adminKey: env.PENSTOCK_ADMIN_KEY || kept.adminKey,
  };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {{ minimum: number, maximum: number }} limits
 */
function integer(name, text, { minimum, maximum }) {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new Error(`${name} is "${text}": it must be a whole number from ${minimum} to ${maximum}`);
}
