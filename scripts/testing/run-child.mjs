import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { repositoryRoot } from '../paths.mjs';
import { identifyProcess } from '../processes/identity.mjs';
import { stopProcess } from '../processes/stop-process.mjs';

const SHUTDOWN = /** @type {const} */ ([
  { signal: 'SIGTERM', graceMs: 5_000 },
  { signal: 'SIGKILL', graceMs: 5_000 },
]);

/**
 * Runs a Node.js program in this terminal to its end, or until the lifetime ends.
 * @param {import('../processes/lifetime.mjs').Lifetime} lifetime
 * @param {{ name: string, args: readonly string[], env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code
 */
export async function runChild(lifetime, { name, args, env }) {
  const child = spawn(process.execPath, args, { cwd: repositoryRoot, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const exit = once(child, 'exit');
  const identity = await identifyProcess(/** @type {number} */ (child.pid));
  lifetime.defer(name, async () => {
    await stopProcess(identity, { signals: SHUTDOWN });
  });
  const [code] = await exit;
  return code ?? 1;
}
