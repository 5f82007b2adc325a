import { setTimeout as delay } from 'node:timers/promises';
import { createBackOff } from './back-off.mjs';

/** @typedef {{ pid: number, ended: Promise<void>, stop: () => Promise<void> }} Running */

/**
 * Starts something and starts it again whenever it ends, until it is stopped.
 * @template {Running} T
 * @param {object} options
 * @param {string} options.name
 * @param {(previous: T | undefined) => Promise<T>} options.start
 * @param {(line: string) => void} options.report
 * @param {(running: T) => Promise<void>} [options.onStart] after each start
 * @returns {Promise<{ first: T, restarts: () => number, stop: () => Promise<void> }>}
 */
export async function keepRunning({ name, start, report, onStart = async () => {} }) {
  const stopping = new AbortController();
  const backOff = createBackOff();
  let restarts = 0;
  let current = await start(undefined);
  const first = current;
  await onStart(first);

  async function watch() {
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      await current.ended;
      if (stopping.signal.aborted) return;
      const waitMs = backOff.next(performance.now() - startedAt);
      report(`${name} (process ${current.pid}) has ended; starting it again in ${waitMs / 1000} s`);
      await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      restarts++;
      await restart();
    }
  }

  async function restart() {
    try {
      current = await start(current);
      await onStart(current);
    } catch (error) {
      // It counts as one that ended at once: the next turn waits longer.
      report(`${name} could not be started: ${/** @type {Error} */ (error).message}`);
    }
  }

  const watching = watch();
  return {
    first,
    restarts: () => restarts,
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
      // A restart may have been under way.
      await current.stop();
    },
  };
}
