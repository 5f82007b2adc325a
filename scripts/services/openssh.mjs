import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { identifyProcess } from '../processes/identity.mjs';
import { runCommand } from '../processes/run-command.mjs';
import { stopProcess } from '../processes/stop-process.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { chooseOpenSshAccount } from './openssh-account.mjs';
import { findOpenSsh } from './openssh-binaries.mjs';
import { choosePort } from './ports.mjs';
import { startServerProcess } from './server-process.mjs';

const LOGIN_TIMEOUT_MS = 15_000;
const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 5_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/**
 * @typedef {object} OpenSsh
 * @property {number} port
 * @property {string} username who may log in
 * @property {string} privateKey the key to log in with, in OpenSSH's form
 * @property {string} hostPublicKey the server's own key, as one line
 * @property {string} files directory in which sessions begin, absolute; whoever may log in can read what is put there
 * @property {string} origin where the server comes from
 * @property {() => Promise<void>} checkLogin fails, with a reason for people, where one cannot log in: accounts may be locked
 * @property {() => Promise<number>} sessions how many connections the server has at the moment
 * @property {() => Promise<void>} stop may be called several times; ends all connections
 */

/**
 * Starts OpenSSH's server for SFTP only, at 127.0.0.1, with keys of its own.
 * @param {{ directory: string, settings?: Record<string, string> }} options
 *   `directory`: for its keys and files, without blanks in its name; `settings`: of sshd_config, before ours: the first one counts
 * @returns {Promise<OpenSsh>}
 */
export async function startOpenSsh({ directory, settings = {} }) {
  const { sshd, keygen, env, origin } = await findOpenSsh();
  const root = await realpath(directory);
  const file = (/** @type {string} */ name) => path.join(root, name);
  await mkdir(file('files'), { recursive: true });
  for (const name of ['host', 'user']) {
    await runCommand([keygen, '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file(`${name}-key`)], { env });
  }
  const port = await choosePort();
  await writeFile(file('sshd_config'), configurationText(root, { port, settings }));

  const command = [sshd, '-D', '-e', '-f', file('sshd_config')];
  const owned = [root, ...['files', 'host-key', 'user-key.pub', 'sshd_config'].map(file)];
  const account = await chooseOpenSshAccount(owned, { command: [...command, '-t'], env });
  const server = await startServerProcess({
    name: 'OpenSSH',
    command: [...account.prefix, ...command],
    spawnOptions: { ...account.spawnOptions, cwd: root, env },
    logFile: file('sshd.log'),
    shutdown: SHUTDOWN,
    answers: (signal) => waitUntil(() => greets(port), { timeoutMs: 20_000, what: 'an answer from OpenSSH', signal }),
  });
  return {
    port,
    origin,
    username: account.username,
    files: file('files'),
    privateKey: await readFile(file('user-key'), 'utf8'),
    hostPublicKey: (await readFile(file('host-key.pub'), 'utf8')).trim(),
    checkLogin: async () => {
      const client = { ssh: path.join(path.dirname(keygen), 'ssh'), env };
      await logInOnce({ port, username: account.username, keyFile: file('user-key') }, client);
      const isOver = async () => (await childrenOf(server.pid)).length === 0;
      await waitUntil(isOver, { timeoutMs: 5_000, what: "the end of OpenSSH's session" });
    },
    sessions: async () => (await childrenOf(server.pid)).length,
    stop: async () => {
      // Its sessions outlive the server.
      const sessions = await Promise.all((await childrenOf(server.pid)).map((pid) => identifyProcess(pid)));
      await server.stop();
      for (const session of sessions) await stopProcess(session, { signals: SHUTDOWN });
    },
  };
}

/**
 * With OpenSSH's own client, which needs nothing of ours to be right.
 * @param {{ port: number, username: string, keyFile: string }} login
 * @param {{ ssh: string, env: NodeJS.ProcessEnv }} client
 */
async function logInOnce({ port, username, keyFile }, { ssh, env }) {
  const options = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    GlobalKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
  };
  const said = Object.entries(options).map(([name, value]) => `-o${name}=${value}`);
  const command = [ssh, '-F', '/dev/null', ...said, '-i', keyFile, '-p', `${port}`, '-l', username];
  try {
    await runCommand([...command, '-s', '127.0.0.1', 'sftp'], { env, signal: AbortSignal.timeout(LOGIN_TIMEOUT_MS) });
  } catch (error) {
    const reason = lastLine(/** @type {Error} */ (error).message);
    throw new Error(
      `user "${username}" cannot log in to OpenSSH's server here, for the account is locked or has no shell (${reason})`,
    );
  }
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/**
 * @param {string} root
 * @param {{ port: number, settings: Record<string, string> }} options
 */
function configurationText(root, { port, settings }) {
  const configuration = {
    ...settings,
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: quote(path.join(root, 'host-key')),
    AuthorizedKeysFile: quote(path.join(root, 'user-key.pub')),
    AuthenticationMethods: 'publickey',
    // The files are below a directory for temporary files, which everybody may write to.
    StrictModes: 'no',
    UsePAM: 'no',
    PidFile: 'none',
    Subsystem: 'sftp internal-sftp',
    // It takes quotes for a part of the name.
    ForceCommand: `internal-sftp -d ${path.join(root, 'files')}`,
  };
  const lines = Object.entries(configuration).map(([name, value]) => `${name} ${value}\n`);
  return lines.join('');
}

/** @param {string} text */
function quote(text) {
  return `"${text}"`;
}

/** @param {number} pid */
async function childrenOf(pid) {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.split(' ').filter(Boolean).map(Number);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function greets(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('SSH-2.0-'));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(false));
  });
}
