import { chown, lstat, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { runCommand } from '../processes/run-command.mjs';

/**
 * How PostgreSQL is run: it refuses to be root and needs an account with a name.
 * @typedef {object} PostgresAccount
 * @property {string} description
 * @property {{ uid: number, gid: number } | null} owner who must own the files, seen from outside; null: we do already
 * @property {{ uid?: number, gid?: number }} spawnOptions
 * @property {readonly string[]} prefix what stands before the command
 */

/**
 * Finds an account that can run the server on a directory, which must exist. The files get their owner on the way.
 * @param {string} directory
 * @param {import('./postgres-binaries.mjs').PostgresBinaries} binaries
 * @returns {Promise<PostgresAccount>}
 */
export async function choosePostgresAccount(directory, binaries) {
  const refusals = [];
  for (const account of await candidates(directory)) {
    try {
      if (account.owner) await giveTo(directory, account.owner);
      await probe(account, directory, binaries.postgres);
      return account;
    } catch (error) {
      refusals.push(
        `  ${account.description}: ${/** @type {Error} */ (error).message.split('\n').slice(0, 2).join(' ')}`,
      );
    }
  }
  throw new Error(
    `PostgreSQL cannot be run here:\n${refusals.join('\n')}\nRun this as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/**
 * @param {string} directory
 * @returns {Promise<PostgresAccount[]>} the best first
 */
async function candidates(directory) {
  const uid = process.getuid?.();
  if (uid !== 0 && hasName()) return [{ description: 'as this user', owner: null, spawnOptions: {}, prefix: [] }];
  const named = (await findAccount('postgres')) ?? (await findAccount('nobody'));
  if (!named) return [];
  // In a user namespace we are somebody else, while on the disk everything stays ours: it needs no rights, leaves
  // nothing behind and works below a directory that only we can enter. Many containers do not allow it.
  const namespace = {
    description: 'in a user namespace',
    owner: uid === 0 ? { uid: 0, gid: 0 } : null,
    spawnOptions: {},
    prefix: ['unshare', '--user', `--map-user=${named.uid}`, `--map-group=${named.gid}`],
  };
  if (uid !== 0) return [namespace];
  const { uid: ownerUid, gid: ownerGid } = await lstat(directory);
  const owner = ownerUid === 0 ? named : { uid: ownerUid, gid: ownerGid };
  const dropped = [asAccount(owner), enteringEverything(owner)];
  return ownerUid === 0 ? [namespace, ...dropped] : [...dropped, namespace];
}

/** @param {{ uid: number, gid: number }} owner */
function asAccount(owner) {
  return { description: `as user ${owner.uid}`, owner, spawnOptions: owner, prefix: [] };
}

/**
 * For a checkout below a directory that only root can enter, such as root's home: another user, who keeps the one right
 * of root to pass through directories.
 * @param {{ uid: number, gid: number }} owner
 */
function enteringEverything(owner) {
  const capabilities = '-all,+dac_override';
  return {
    description: `as user ${owner.uid} with dac_override`,
    owner,
    spawnOptions: {},
    prefix: [
      'setpriv',
      `--reuid=${owner.uid}`,
      `--regid=${owner.gid}`,
      '--clear-groups',
      `--inh-caps=${capabilities}`,
      `--ambient-caps=${capabilities}`,
      // initdb asks with access(2) whether it may run the server, and that forgets the rights of whoever is not root.
      '--securebits=+no_setuid_fixup',
    ],
  };
}

/**
 * Whether the server starts at all and may write its directory.
 * @param {PostgresAccount} account
 * @param {string} directory
 * @param {string} postgres
 */
async function probe({ prefix, spawnOptions }, directory, postgres) {
  const script = 'test -w "$0" || { echo "cannot write $0"; exit 1; }; exec "$1" --version';
  await runCommand([...prefix, 'sh', '-c', script, directory, postgres], spawnOptions);
}

/**
 * @param {string} directory
 * @param {{ uid: number, gid: number }} owner
 */
async function giveTo(directory, owner) {
  if ((await lstat(directory)).uid === owner.uid) return;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // A link itself, never what it leads to.
    if (!entry.isSymbolicLink()) await chown(path.join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
  await chown(directory, owner.uid, owner.gid);
}

/**
 * @param {string} name
 * @returns {Promise<{ uid: number, gid: number } | undefined>}
 */
async function findAccount(name) {
  try {
    const [uid, gid] = await Promise.all([runCommand(['id', '-u', name]), runCommand(['id', '-g', name])]);
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

function hasName() {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}
