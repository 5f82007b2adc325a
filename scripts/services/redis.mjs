import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { readJson, writePrivateJson } from '../files/private-json.mjs';
import { processesWorkingBelow } from '../processes/find-processes.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { stopProcess } from '../processes/stop-process.mjs';
import { waitUntil } from '../processes/wait-until.mjs';
import { choosePort } from './ports.mjs';
import { findRedis } from './redis-binary.mjs';
import { startServerProcess } from './server-process.mjs';

const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 15_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/**
 * Starts a Redis of our own on a directory, which keeps the password, the port and, when it is persistent, the data. A
 * server that an earlier start left behind on the same directory is stopped first.
 * @param {{ directory: string, persistent: boolean, settings?: Record<string, string>, port?: number }} options
 *   `settings`: of redis.conf; `port`: exactly this one
 * @returns {Promise<import('./postgres.mjs').RunningService & { origin: string }>}
 */
export async function startRedis({ directory, persistent, settings = {}, port: fixedPort }) {
  const binary = await findRedis();
  await mkdir(path.join(directory, 'redis'), { recursive: true, mode: 0o700 });
  const root = await realpath(directory);
  const data = path.join(root, 'redis');
  await stopLeftovers(data);
  const settingsFile = path.join(root, 'redis.json');
  const known = await readJson(settingsFile);
  const password = known?.password ?? randomBytes(24).toString('base64url');
  const port = fixedPort ?? (await choosePort(known?.port));
  await writePrivateJson(settingsFile, { password, port });

  const configuration = {
    bind: '127.0.0.1',
    port,
    requirepass: password,
    dir: data,
    // BullMQ's keys must never be evicted: a job that vanishes is a run that waits for its recovery.
    'maxmemory-policy': 'noeviction',
    save: '""',
    appendonly: persistent ? 'yes' : 'no',
    daemonize: 'no',
    ...settings,
  };
  const server = await startServerProcess({
    name: 'Redis',
    // From the standard input: neither the password nor anything else shows in the list of processes.
    command: [binary.file, '-'],
    input: `${Object.entries(configuration)
      .map(([name, value]) => `${name} ${quote(String(value))}`)
      .join('\n')}\n`,
    spawnOptions: { cwd: data, env: binary.env },
    logFile: path.join(root, 'redis.log'),
    shutdown: SHUTDOWN,
    answers: (signal) =>
      waitUntil(() => pings({ port, password }), { timeoutMs: 60_000, what: 'an answer from Redis', signal }),
  });
  return { ...server, url: `redis://:${password}@127.0.0.1:${port}`, port, origin: binary.origin };
}

/** @param {string} value */
function quote(value) {
  return value === '""' ? value : JSON.stringify(value);
}

/**
 * Whether it answers; while it loads its data it does not.
 * @param {{ port: number, password: string }} options
 * @returns {Promise<boolean>}
 */
async function pings({ port, password }) {
  const socket = net.connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.write(`AUTH ${password}\r\nPING\r\n`);
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.split('\r\n').length > 2) break;
    }
    return answer.includes('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** @param {string} data */
async function stopLeftovers(data) {
  for (const pid of await processesWorkingBelow(data, ['redis-server', 'valkey-server'])) {
    await stopProcess(await identifyProcess(pid), { signals: SHUTDOWN });
  }
}
