import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readJson, writePrivateJson } from '../files/private-json.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { choosePostgresAccount } from './postgres-account.mjs';

export const POSTGRES_USER = 'penstock';

/**
 * A database cluster on the disk.
 * @typedef {object} Cluster
 * @property {string} data PostgreSQL's own data directory
 * @property {string} password
 * @property {number | undefined} port where it was last
 * @property {import('./postgres-account.mjs').PostgresAccount} account
 */

/**
 * Opens the cluster below a directory and creates it where there is none.
 * @param {string} directory
 * @param {import('./postgres-binaries.mjs').PostgresBinaries} binaries
 * @returns {Promise<Cluster>}
 */
export async function openCluster(directory, binaries) {
  const data = path.join(directory, 'postgres');
  const settings = await readJson(settingsFile(directory));
  const version = await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${data} cannot be read (${error.code}): it was made by another user; start as that user`);
  });
  if (version === undefined) return createCluster(directory, binaries, settings);
  if (!settings?.password) {
    throw new Error(
      `${settingsFile(directory)} with the password of ${data} is missing: restore it, or remove ${data}`,
    );
  }
  await refuseOtherVersion(data, version.trim(), binaries);
  return {
    data,
    password: settings.password,
    port: settings.port,
    account: await choosePostgresAccount(data, binaries),
  };
}

/**
 * Keeps the port, so that the next start has the same one.
 * @param {string} directory
 * @param {{ password: string, port: number }} settings
 */
export async function rememberPort(directory, settings) {
  await writePrivateJson(settingsFile(directory), settings);
}

/**
 * Everything is made in a draft directory and moved into place when it is complete, so that a start that was killed in
 * the middle leaves no half of a cluster.
 * @param {string} directory
 * @param {import('./postgres-binaries.mjs').PostgresBinaries} binaries
 * @param {{ port?: number } | undefined} settings
 * @returns {Promise<Cluster>}
 */
async function createCluster(directory, binaries, settings) {
  const draft = path.join(directory, 'postgres.new');
  const passwordFile = path.join(directory, 'postgres.password');
  const password = randomBytes(24).toString('base64url');
  await Promise.all([rm(draft, { recursive: true, force: true }), rm(passwordFile, { force: true })]);
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await chmod(draft, 0o700);
  const account = await choosePostgresAccount(draft, binaries);
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (account.owner) await chown(passwordFile, account.owner.uid, account.owner.gid);
    const options = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-instructions'];
    const where = [`--pgdata=${draft}`, `--username=${POSTGRES_USER}`, `--pwfile=${passwordFile}`];
    await runCommand([...account.prefix, binaries.initdb, ...where, ...options], {
      ...account.spawnOptions,
      env: { ...process.env, LC_ALL: 'C' },
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await writePrivateJson(settingsFile(directory), { password, port: settings?.port });
  const data = path.join(directory, 'postgres');
  await rename(draft, data);
  return { data, password, port: settings?.port, account };
}

/**
 * @param {string} data
 * @param {string} version
 * @param {import('./postgres-binaries.mjs').PostgresBinaries} binaries
 */
async function refuseOtherVersion(data, version, { postgres }) {
  const manifest = JSON.parse(await readFile(path.join(path.dirname(postgres), '..', '..', 'package.json'), 'utf8'));
  const installed = String(manifest.version).split('.')[0];
  if (installed === version) return;
  throw new Error(
    `${data} belongs to PostgreSQL ${version}, installed is ${installed}: dump it with the old version, or remove it to start anew`,
  );
}

/** @param {string} directory */
function settingsFile(directory) {
  return path.join(directory, 'postgres.json');
}
