import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory } from '../paths.mjs';
import { withLock } from '../processes/lock.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { unpackRedis } from './redis-debian.mjs';

/** @typedef {{ file: string, env: NodeJS.ProcessEnv, origin: string }} RedisBinary */

const NAMES = ['redis-server', 'valkey-server'];

/**
 * A Redis server: the one on the PATH, else a private one unpacked from Debian's packages, which changes nothing on the
 * machine.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<RedisBinary>}
 */
export async function findRedis(env = process.env) {
  for (const name of NAMES) {
    const file = await onPath(name, env.PATH ?? '');
    if (file) return { file, env, origin: file };
  }
  try {
    const found = await privateRedis();
    return { ...found, env: { ...env, ...found.env }, origin: "a private copy of the system's package" };
  } catch (error) {
    throw new Error(
      `There is no Redis here, and none could be fetched (${/** @type {Error} */ (error).message.trim()}).
Install one (apt-get install redis-server, dnf install redis or valkey, apk add redis, brew install redis)
or set REDIS_URL to a Redis of your own with maxmemory-policy noeviction.`,
    );
  }
}

function privateRedis() {
  const directory = path.join(cacheDirectory, 'redis');
  const lock = { timeoutMs: 120_000, what: 'waiting for another process that fetches Redis' };
  return withLock(path.join(cacheDirectory, 'redis.lock'), lock, () => unpackRedis(directory));
}

/**
 * @param {string} name
 * @param {string} searchPath
 */
async function onPath(name, searchPath) {
  for (const directory of searchPath.split(path.delimiter).filter(path.isAbsolute)) {
    const file = path.join(directory, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found && (await works(file))) return file;
  }
  return undefined;
}

/** @param {string} file */
function works(file) {
  return runCommand([file, '--version']).then(
    () => true,
    () => false,
  );
}
