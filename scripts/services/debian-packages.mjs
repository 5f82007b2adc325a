import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../processes/run-command.mjs';

/**
 * Unpacks Debian's (or Ubuntu's) packages into a directory, unless that holds already what is looked for. Needs no rights
 * and no earlier `apt-get update`: the package lists are private as well, and apt checks the signatures as always. Nothing
 * is configured: scripts of the packages do not run, and no account is made.
 * @template T
 * @param {string} directory
 * @param {{ install: readonly string[], fallback: readonly string[], find: (root: string) => Promise<T> }} options
 *   `install`: what is wanted, with what it depends on; `fallback`: all packages by name, for the case that apt cannot work
 *   out what they depend on, because the system's own packages are in disorder; `find`: finds the program below a directory
 *   and makes sure that it runs, or throws
 * @returns {Promise<T>}
 */
export async function unpackPackages(directory, { install, fallback, find }) {
  const present = await find(directory).catch(() => undefined);
  if (present !== undefined) return present;
  await mkdir(path.dirname(directory), { recursive: true });
  const draft = await mkdtemp(`${directory}-`);
  try {
    const root = path.join(draft, 'root');
    for (const archive of await downloadPackages(draft, { install, fallback })) {
      await runCommand(['dpkg', '-x', archive, root]);
    }
    await find(root);
    await rm(directory, { recursive: true, force: true });
    await rename(root, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return find(directory);
}

/**
 * The directories of libraries below a directory, for LD_LIBRARY_PATH.
 * @param {string} root
 */
export async function libraryPath(root) {
  const parents = [path.join(root, 'usr', 'lib'), path.join(root, 'lib')];
  const found = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(parent, entry.name));
    }),
  );
  return found.flat().join(path.delimiter);
}

/**
 * @param {string} directory
 * @param {{ install: readonly string[], fallback: readonly string[] }} packages
 * @returns {Promise<string[]>} the package files
 */
async function downloadPackages(directory, { install, fallback }) {
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
  await apt('install', '--download-only', '--reinstall', '--yes', '--no-install-recommends', ...install).catch(() =>
    apt('download', ...fallback),
  );
  const files = await readdir(archives);
  return files.filter((name) => name.endsWith('.deb')).map((name) => path.join(archives, name));
}
