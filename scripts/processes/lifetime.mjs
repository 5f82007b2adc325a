import { watchNpm } from './watch-npm.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * @typedef {object} Lifetime
 * @property {AbortSignal} signal aborted when it is time to stop
 * @property {(what: string, stop: () => Promise<void>) => void} defer remembers how to stop something
 */

/**
 * Does something and afterwards, whatever happened, stops everything that was deferred, the last first. A signal to this
 * process, or the death of the npm that started it, aborts the signal; then stopping begins at once, and the action is
 * expected to end.
 * @template T
 * @param {(lifetime: Lifetime) => Promise<T>} action
 * @param {{ report: (line: string) => void }} options
 * @returns {Promise<{ result: T } | { interruptedBy: string }>}
 */
export async function withLifetime(action, { report }) {
  const controller = new AbortController();
  /** @type {{ what: string, stop: () => Promise<void> }[]} */
  const deferred = [];
  let draining = Promise.resolve();
  const drain = () => {
    draining = draining.then(() => stopAll(deferred, report));
    return draining;
  };
  /** @param {string} reason */
  const interrupt = (reason) => {
    if (controller.signal.aborted) return report('still stopping ...');
    report(`\n${reason}: stopping ...`);
    controller.abort(reason);
    void drain();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const unwatchNpm = watchNpm(() => interrupt('npm is gone'));
  try {
    const result = await action({ signal: controller.signal, defer: (what, stop) => deferred.push({ what, stop }) });
    return controller.signal.aborted ? { interruptedBy: controller.signal.reason } : { result };
  } catch (error) {
    if (controller.signal.aborted) return { interruptedBy: controller.signal.reason };
    throw error;
  } finally {
    controller.abort('the end');
    await drain();
    unwatchNpm();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export async function untilAborted(signal) {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * @param {{ what: string, stop: () => Promise<void> }[]} deferred
 * @param {(line: string) => void} report
 */
async function stopAll(deferred, report) {
  for (let next = deferred.pop(); next; next = deferred.pop()) {
    // One that cannot be stopped is no reason to leave the others running.
    await next.stop().catch((error) => report(`${next?.what} could not be stopped: ${error.message}`));
  }
}
