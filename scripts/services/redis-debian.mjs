import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../processes/run-command.mjs';

/** For the case that apt cannot work out what the server needs, because the system's own packages are in disorder. */
const PACKAGES = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblzf1',
  'liblua5.1-0',
  'lua-cjson',
  'lua-bitop',
  'libatomic1',
];

/**
 * Unpacks Debian's (or Ubuntu's) Redis into a directory, unless it is there already. Needs no rights and no earlier
 * `apt-get update`: the package lists are private as well, and apt checks the signatures as always.
 * @param {string} directory
 * @returns {Promise<{ file: string, env: { LD_LIBRARY_PATH: string } }>}
 */
export async function unpackRedis(directory) {
  const present = await findServer(directory).catch(() => undefined);
  if (present) return present;
  await mkdir(path.dirname(directory), { recursive: true });
  const draft = await mkdtemp(`${directory}-`);
  try {
    const root = path.join(draft, 'root');
    for (const archive of await downloadPackages(draft)) await runCommand(['dpkg', '-x', archive, root]);
    await findServer(root);
    await rm(directory, { recursive: true, force: true });
    await rename(root, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return findServer(directory);
}

/**
 * @param {string} directory
 * @returns {Promise<string[]>} the package files
 */
async function downloadPackages(directory) {
  const archives = path.join(directory, 'cache', 'archives');
  await mkdir(path.join(directory, 'lists', 'partial'), { recursive: true });
  await mkdir(path.join(archives, 'partial'), { recursive: true });
  const options = {
    'Dir::State::Lists': path.join(directory, 'lists'),
    'Dir::Cache': path.join(directory, 'cache'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::http::Timeout': '20',
    'Acquire::Retries': '1',
  };
  const flags = Object.entries(options).map(([name, value]) => `-o${name}=${value}`);
  /** @param {...string} args */
  const apt = (...args) => runCommand(['apt-get', '-qq', ...flags, ...args], { cwd: archives });
  await apt('update');
  await apt(
    'install',
    '--download-only',
    '--reinstall',
    '--yes',
    '--no-install-recommends',
    'redis-server',
    'redis-tools',
  ).catch(() => apt('download', ...PACKAGES));
  const files = await readdir(archives);
  return files.filter((name) => name.endsWith('.deb')).map((name) => path.join(archives, name));
}

/**
 * The server below a directory, after it has shown that it runs.
 * @param {string} root
 */
async function findServer(root) {
  const file = path.join(root, 'usr', 'bin', 'redis-server');
  const env = { LD_LIBRARY_PATH: (await libraryDirectories(root)).join(path.delimiter) };
  await runCommand([file, '--version'], { env: { ...process.env, ...env } });
  return { file, env };
}

/** @param {string} root */
async function libraryDirectories(root) {
  const parents = [path.join(root, 'usr', 'lib'), path.join(root, 'lib')];
  const found = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(parent, entry.name));
    }),
  );
  return found.flat();
}
