import { randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { runCommand } from '../processes/run-command.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { findMariadb } from './mariadb-binary.mjs';
import { choosePort } from './ports.mjs';
import { startServerProcess } from './server-process.mjs';

const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 15_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

const USER = 'penstock';
const SYSTEM_TABLES = ['system_tables', 'performance_tables'];

/**
 * Starts a new MariaDB on a directory of its own, which must not exist. For tests and benchmarks: nothing of it is kept, so
 * nothing has to survive a power cut.
 * @param {{ directory: string, settings?: Record<string, string>, env?: NodeJS.ProcessEnv }} options `settings`: of my.cnf;
 *   `env`: what the server runs with
 * @returns {Promise<import('./postgres.mjs').RunningService>}
 */
export async function startMariadb({ directory, settings = {}, env = process.env }) {
  const binary = await findMariadb(env);
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const root = path.join(await realpath(directory), 'mariadb');
  const data = path.join(root, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await createSystemTables(binary, data);
  const password = randomBytes(24).toString('base64url');
  const port = await choosePort();
  const startSql = path.join(root, 'start.sql');
  await writeFile(startSql, accountOf(password), { mode: 0o600, flag: 'wx' });

  const options = {
    ...places(binary, data),
    // Relative to the data, because paths of sockets may only be short.
    socket: 'mariadb.sock',
    'pid-file': 'mariadb.pid',
    port: String(port),
    'bind-address': '127.0.0.1',
    'skip-name-resolve': '1',
    'init-file': startSql,
    'innodb-flush-log-at-trx-commit': '0',
    ...settings,
  };
  const server = await startServerProcess({
    name: 'MariaDB',
    command: [binary.file, '--no-defaults', ...flags(options)],
    spawnOptions: { cwd: data, env: binary.env },
    logFile: path.join(root, 'mariadb.log'),
    shutdown: SHUTDOWN,
    answers: (signal) => waitUntil(() => greets(port), { timeoutMs: 60_000, what: 'an answer from MariaDB', signal }),
  });
  await rm(startSql, { force: true });
  return { ...server, url: `mysql://${USER}:${password}@127.0.0.1:${port}`, port };
}

/**
 * What mariadb-install-db does, without its accounts; that script needs programs of other packages.
 * @param {import('./mariadb-binary.mjs').MariadbBinary} binary
 * @param {string} data
 */
async function createSystemTables(binary, data) {
  const name = path.basename(binary.share);
  const files = SYSTEM_TABLES.map((tables) => readFile(path.join(binary.share, `${name}_${tables}.sql`), 'utf8'));
  const sql = ['CREATE DATABASE mysql;\nUSE mysql;\n', ...(await Promise.all(files))].join('\n');
  const input = path.join(path.dirname(data), 'system.sql');
  await writeFile(input, sql);
  const all = { ...places(binary, data), 'innodb-flush-log-at-trx-commit': '0' };
  const script = 'input=$0; exec "$@" < "$input"';
  await runCommand(['sh', '-c', script, input, binary.file, '--no-defaults', '--bootstrap', ...flags(all)], {
    cwd: data,
    env: binary.env,
  });
}

/** @param {string} password without characters that would have to be escaped */
function accountOf(password) {
  return [
    `CREATE USER '${USER}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${USER}'@'127.0.0.1' WITH GRANT OPTION;\n`,
  ].join('\n');
}

/**
 * @param {import('./mariadb-binary.mjs').MariadbBinary} binary
 * @param {string} data
 */
function places({ share }, data) {
  return {
    datadir: data,
    'lc-messages-dir': share,
    'character-sets-dir': path.join(share, 'charsets'),
    'performance-schema': 'OFF',
    // It refuses to be root unless it is told to be.
    ...(process.getuid?.() === 0 ? { user: 'root' } : {}),
  };
}

/** @param {Record<string, string>} options */
function flags(options) {
  return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
}

/**
 * Whether the server greets whoever connects; it does when the account has been made.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function greets(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
