import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { identifyProcess } from '../processes/identity.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {Promise<void>} ended when the process has ended, whoever ended it
 * @property {() => Promise<void>} stop may be called several times
 */

/**
 * Starts a server and returns when it answers.
 * @param {object} options
 * @param {string} options.name for messages
 * @param {readonly string[]} options.command
 * @param {import('node:child_process').SpawnOptions} [options.spawnOptions]
 * @param {string} [options.input] what it reads from its standard input
 * @param {string} options.logFile
 * @param {readonly { signal: NodeJS.Signals, graceMs: number }[]} options.shutdown how it is stopped
 * @param {(signal: AbortSignal) => Promise<unknown>} options.answers resolves when it answers, rejects when it never will
 *   or when nobody wants to know any more
 * @returns {Promise<ServerProcess>}
 */
export async function startServerProcess({ name, command, spawnOptions, input, logFile, shutdown, answers }) {
  const [file, ...args] = /** @type {[string, ...string[]]} */ (command);
  const log = await open(logFile, 'w', 0o600);
  const stdin = input === undefined ? 'ignore' : 'pipe';
  // A session of its own: Ctrl-C in the terminal must not reach it before those who use it.
  const child = spawn(file, args, { ...spawnOptions, detached: true, stdio: [stdin, log.fd, log.fd] });
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  await once(child, 'spawn').finally(() => log.close());
  // A server that ends at once does not read its input; that it ended is what counts.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const pid = /** @type {number} */ (child.pid);
  const identity = await identifyProcess(pid);
  const stop = async () => {
    await stopProcess(identity, { signals: shutdown });
  };
  const asking = new AbortController();
  try {
    const refused = ended.then(() => Promise.reject(new Error('it ended at once')));
    await Promise.race([answers(asking.signal), refused]);
  } catch (error) {
    await stop();
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-10);
    throw new Error([`${name} does not start: ${/** @type {Error} */ (error).message}`, ...lines].join('\n  '));
  } finally {
    asking.abort();
  }
  return { pid, ended, stop };
}
