import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { processesWithArgument, processesWorkingBelow } from '../processes/find-processes.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { stopProcess } from '../processes/stop-process.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { choosePort } from './ports.mjs';
import { findPostgresBinaries } from './postgres-binaries.mjs';
import { openCluster, POSTGRES_USER, rememberPort } from './postgres-cluster.mjs';
import { startServerProcess } from './server-process.mjs';

/** The longest path of a Unix socket that every system takes. */
const SOCKET_PATH_LIMIT = 103;

/** Still starting, perhaps recovering from a crash. */
const NOT_YET = ['ECONNREFUSED', 'ECONNRESET', '57P03'];

/** Ask everybody to leave, then throw everybody out, then pull the plug. */
const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGINT', graceMs: 30_000 },
  { signal: 'SIGQUIT', graceMs: 10_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/** @typedef {import('./server-process.mjs').ServerProcess & { url: string, port: number }} RunningService `url` has user name and password */

/**
 * Starts the embedded PostgreSQL on a directory, which keeps the databases, the password and the port. A server that an
 * earlier start left behind on the same directory is stopped first.
 * @param {{ directory: string, settings?: Record<string, string>, port?: number }} options `settings`: of postgresql.conf;
 *   `port`: exactly this one
 * @returns {Promise<RunningService>}
 */
export async function startPostgres({ directory, settings = {}, port: fixedPort }) {
  // Other accounts may have to pass through it; what is in it is closed to them.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const root = await realpath(directory);
  const binaries = await findPostgresBinaries();
  await stopLeftovers(root);
  const { data, password, account, port: lastPort } = await openCluster(root, binaries);
  const port = fixedPort ?? (await choosePort(lastPort));
  await rememberPort(root, { password, port });

  const url = `postgresql://${POSTGRES_USER}:${password}@127.0.0.1:${port}/postgres`;
  const all = { ...network(data, port), ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await startServerProcess({
    name: 'PostgreSQL',
    command: [...account.prefix, binaries.postgres, '-D', data, ...flags],
    spawnOptions: account.spawnOptions,
    logFile: path.join(root, 'postgres.log'),
    shutdown: SHUTDOWN,
    answers: (signal) =>
      waitUntil(() => accepts(url), { timeoutMs: 60_000, what: 'an answer from PostgreSQL', signal }),
  });
  return { ...server, url, port };
}

/**
 * @param {string} data
 * @param {number} port
 */
function network(data, port) {
  const fits = path.join(data, `.s.PGSQL.${port}`).length <= SOCKET_PATH_LIMIT;
  return { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: fits ? data : '' };
}

/** @param {string} url */
async function accepts(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Whatever happens is told by connecting; a server that is stopped later is nobody's error.
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (NOT_YET.includes(String(/** @type {{ code?: string }} */ (error).code))) return false;
    throw error;
  } finally {
    await client.end();
  }
}

/**
 * Stops what an earlier start left running on the directory, if anything, and removes its lock files: their pid may by now
 * belong to another process, or to a dead one that nobody collects in a container, and PostgreSQL would refuse to start.
 * @param {string} directory
 */
async function stopLeftovers(directory) {
  const data = path.join(directory, 'postgres');
  for (const pid of await processesWithArgument(data, ['postgres', 'initdb'])) {
    await stopProcess(await identifyProcess(pid), { signals: SHUTDOWN });
  }
  // The children of a server that was killed notice it by themselves.
  const idle = async () => (await processesWorkingBelow(data, ['postgres'])).length === 0;
  await waitUntil(idle, { timeoutMs: 20_000, what: `the end of PostgreSQL on ${data}` });
  const files = await readdir(data).catch(() => []);
  const locks = files.filter((name) => name === 'postmaster.pid' || name.startsWith('.s.PGSQL.'));
  await Promise.all(locks.map((name) => rm(path.join(data, name), { force: true })));
}
