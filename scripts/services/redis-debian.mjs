import path from 'node:path';
import { runCommand } from '../processes/run-command.mjs';
import { libraryPath, unpackPackages } from './debian-packages.mjs';

const LIBRARIES = ['libjemalloc2', 'liblzf1', 'liblua5.1-0', 'lua-cjson', 'lua-bitop', 'libatomic1'];
const SERVER = ['redis-server', 'redis-tools'];

/**
 * Unpacks Debian's (or Ubuntu's) Redis into a directory, unless it is there already.
 * @param {string} directory
 * @returns {Promise<{ file: string, env: { LD_LIBRARY_PATH: string } }>}
 */
export async function unpackRedis(directory) {
  return await unpackPackages(directory, { install: SERVER, fallback: [...SERVER, ...LIBRARIES], find: findServer });
}

/**
 * The server below a directory, after it has shown that it runs.
 * @param {string} root
 */
async function findServer(root) {
  const file = path.join(root, 'usr', 'bin', 'redis-server');
  const env = { LD_LIBRARY_PATH: await libraryPath(root) };
  await runCommand([file, '--version'], { env: { ...process.env, ...env } });
  return { file, env };
}
