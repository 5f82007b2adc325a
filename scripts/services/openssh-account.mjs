import { chown } from 'node:fs/promises';
import { runCommand } from '../processes/run-command.mjs';

/**
 * How sshd is run. As root it would need an account for the separation of privileges, which unpacked packages do not make;
 * as somebody else it lets only that one log in, which is all that a test needs.
 * @typedef {object} OpenSshAccount
 * @property {string} username who logs in
 * @property {{ uid?: number, gid?: number }} spawnOptions
 * @property {readonly string[]} prefix what stands before the command
 */

/**
 * Finds an account that can run the server with a configuration whose files exist. They get their owner on the way.
 * @param {readonly string[]} files the files and directories that the server reads
 * @param {{ command: readonly string[], env: NodeJS.ProcessEnv }} test ends well when the configuration can be used
 * @returns {Promise<OpenSshAccount>}
 */
export async function chooseOpenSshAccount(files, { command, env }) {
  const refusals = [];
  for (const account of await candidates()) {
    const { uid, gid } = account.spawnOptions;
    try {
      if (process.getuid?.() === 0) for (const file of files) await chown(file, uid ?? 0, gid ?? 0);
      await runCommand([...account.prefix, ...command], { ...account.spawnOptions, env });
      return account;
    } catch (error) {
      refusals.push(/** @type {Error} */ (error).message);
    }
  }
  throw new Error(`OpenSSH's server cannot be run here:\n${refusals.join('\n')}`);
}

/** @returns {Promise<OpenSshAccount[]>} */
async function candidates() {
  if (process.getuid?.() !== 0) {
    return [{ username: (await runCommand(['id', '-un'])).trim(), spawnOptions: {}, prefix: [] }];
  }
  // Not "nobody": systemd says of it that it is locked, to whoever cannot read /etc/shadow.
  const username = 'daemon';
  const [uid, gid] = [
    Number(await runCommand(['id', '-u', username])),
    Number(await runCommand(['id', '-g', username])),
  ];
  // Below a directory that only root can enter: there we are somebody else only by name.
  const namespace = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  return [
    { username, spawnOptions: { uid, gid }, prefix: [] },
    { username, spawnOptions: {}, prefix: namespace },
  ];
}
