import { isRunning } from './identity.mjs';
import { waitUntil } from './wait-until.mjs';

/**
 * Stops a process: a first signal, and after its grace period the next ones. Returns when it is gone. The identity is
 * checked before every signal, so that a pid that meanwhile belongs to another process is left alone.
 * @param {import('./identity.mjs').ProcessIdentity | null | undefined} identity
 * @param {{ signals: readonly { signal: NodeJS.Signals, graceMs: number }[] }} options
 * @returns {Promise<boolean>} whether it still ran
 */
export async function stopProcess(identity, { signals }) {
  if (!identity || !(await isRunning(identity))) return false;
  for (const { signal, graceMs } of signals) {
    if (!(await isRunning(identity))) return true;
    sendSignal(identity.pid, signal);
    const gone = await waitUntil(async () => !(await isRunning(identity)), { timeoutMs: graceMs, what: 'exit' }).then(
      () => true,
      () => false,
    );
    if (gone) return true;
  }
  throw new Error(`process ${identity.pid} does not end; end it by hand and try again`);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}
