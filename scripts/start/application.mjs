import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { repositoryRoot } from '../paths.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { keepRunning } from '../processes/keep-running.mjs';
import { boundLogFile, openLogFile } from '../processes/log-file.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

const LOG_CHECK_MS = 30_000;

/** A worker hands its runs back before it ends. */
const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 30_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/**
 * Runs an api or a worker, again and again if need be.
 * @param {object} options
 * @param {string} options.name
 * @param {'api' | 'worker'} options.application
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.logDirectory
 * @param {(line: string) => void} options.report
 * @param {(identity: import('../processes/identity.mjs').ProcessIdentity) => Promise<void>} options.onStart
 */
export async function keepApplicationRunning({ name, application, env, logDirectory, report, onStart }) {
  const logFile = path.join(logDirectory, `${name}.log`);
  const log = await openLogFile(logFile);
  const kept = await keepRunning({
    name,
    report,
    start: () => startApplication({ entry: path.join('apps', application, 'dist', 'main.js'), env, output: log.fd }),
    onStart: ({ identity }) => (identity ? onStart(identity) : Promise.resolve()),
  });
  const timer = setInterval(() => void boundLogFile(logFile).catch((error) => report(error.message)), LOG_CHECK_MS);
  timer.unref();
  return {
    logFile,
    restarts: kept.restarts,
    async stop() {
      clearInterval(timer);
      await kept.stop();
      await log.close();
    },
  };
}

/** @param {{ entry: string, env: NodeJS.ProcessEnv, output: number }} options */
async function startApplication({ entry, env, output }) {
  // A session of its own: Ctrl-C in the terminal reaches us alone, and we stop everything in order.
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    cwd: repositoryRoot,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  await once(child, 'spawn');
  const pid = /** @type {number} */ (child.pid);
  const identity = await identifyProcess(pid);
  const stop = async () => {
    await stopProcess(identity, { signals: SHUTDOWN });
  };
  return { pid, identity, ended, stop };
}
