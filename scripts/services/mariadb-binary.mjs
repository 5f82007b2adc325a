import { access, constants, realpath } from 'node:fs/promises';
import path from 'node:path';
import { cacheDirectory } from '../paths.mjs';
import { withLock } from '../processes/lock.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { libraryPath, unpackPackages } from './debian-packages.mjs';

/**
 * @typedef {object} MariadbBinary
 * @property {string} file
 * @property {string} share where its messages and the SQL of its system tables are
 * @property {NodeJS.ProcessEnv} env
 */

const SERVER = ['mariadb-server-core'];
const LIBRARIES = ['mariadb-common', 'mysql-common', 'galera-4', 'libpmem1', 'libndctl6', 'libdaxctl1', 'liburing2'];

/**
 * A MariaDB server: the one on the PATH, else a private one unpacked from Debian's packages, which changes nothing on the
 * machine.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<MariadbBinary>}
 */
export async function findMariadb(env = process.env) {
  // Where packages put servers, which is not on the PATH of every user.
  for (const directory of [...(env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute), '/usr/sbin']) {
    const found = await findBelow(path.join(directory, 'mariadbd'), env).catch(() => undefined);
    if (found !== undefined) return found;
  }
  const lock = { timeoutMs: 300_000, what: 'waiting for another process that fetches MariaDB' };
  return await withLock(path.join(cacheDirectory, 'mariadb.lock'), lock, () => unpackMariadb(env));
}

/** @param {NodeJS.ProcessEnv} env */
async function unpackMariadb(env) {
  return await unpackPackages(path.join(cacheDirectory, 'mariadb'), {
    install: SERVER,
    fallback: [...SERVER, ...LIBRARIES],
    find: async (root) =>
      findBelow(path.join(root, 'usr', 'sbin', 'mariadbd'), { ...env, LD_LIBRARY_PATH: await libraryPath(root) }),
  });
}

/**
 * The server with what it needs, after it has shown that it runs.
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<MariadbBinary>}
 */
async function findBelow(file, env) {
  await access(file, constants.X_OK);
  await runCommand([file, '--no-defaults', '--version'], { env });
  const prefix = path.dirname(path.dirname(await realpath(file)));
  for (const name of ['mariadb', 'mysql']) {
    const share = path.join(prefix, 'share', name);
    const complete = await access(path.join(share, `${name}_system_tables.sql`)).then(
      () => true,
      () => false,
    );
    if (complete) return { file, share, env };
  }
  throw new Error(`${file} has no system tables beside it`);
}
