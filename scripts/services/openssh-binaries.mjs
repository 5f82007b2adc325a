import path from 'node:path';
import { cacheDirectory } from '../paths.mjs';
import { withLock } from '../processes/lock.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { libraryPath, unpackPackages } from './debian-packages.mjs';

/** @typedef {{ sshd: string, keygen: string, env: NodeJS.ProcessEnv, origin: string }} OpenSshBinaries */

const PACKAGES = ['openssh-server', 'openssh-client', 'openssh-sftp-server'];
const LIBRARIES = ['libwrap0', 'libedit2', 'libbsd0', 'libmd0', 'libcbor0.8', 'libfido2-1'];

/**
 * OpenSSH's server: the system's, else a private one unpacked from Debian's packages, which changes nothing on the machine.
 * @returns {Promise<OpenSshBinaries>}
 */
export async function findOpenSsh() {
  const installed = await findBelow('/').catch(() => undefined);
  if (installed) return { ...installed, env: process.env, origin: installed.sshd };
  const directory = path.join(cacheDirectory, 'openssh');
  const lock = { timeoutMs: 120_000, what: 'waiting for another process that fetches OpenSSH' };
  const unpack = () =>
    unpackPackages(directory, { install: PACKAGES, fallback: [...PACKAGES, ...LIBRARIES], find: findBelow });
  try {
    const found = await withLock(path.join(cacheDirectory, 'openssh.lock'), lock, unpack);
    return { ...found, env: { ...process.env, ...found.env }, origin: "a private copy of the system's package" };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`There is no OpenSSH server here, and none could be fetched (${message.trim()}).
Install one (apt-get install openssh-server, dnf install openssh-server, apk add openssh-server).`);
  }
}

/**
 * The server below a directory, after it has shown that it runs. Not all releases have an option that ends well: what counts
 * is that it says how it is used.
 * @param {string} root
 */
async function findBelow(root) {
  const sshd = path.join(root, 'usr', 'sbin', 'sshd');
  const keygen = path.join(root, 'usr', 'bin', 'ssh-keygen');
  const env = root === '/' ? {} : { LD_LIBRARY_PATH: await libraryPath(root) };
  for (const file of [sshd, keygen]) {
    const options = { env: { ...process.env, ...env } };
    const said = await runCommand([file, '-?'], options).catch((error) => /** @type {Error} */ (error).message);
    if (!said.includes(' [-')) throw new Error(`${file} cannot be run: ${said}`);
  }
  return { sshd, keygen, env };
}
