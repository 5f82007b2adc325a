import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither false nor null nor undefined, and returns it. Gives up with an error
 * at the deadline.
 * @template T
 * @param {() => T | Promise<T>} question
 * @param {{ timeoutMs: number, everyMs?: number, what: string, signal?: AbortSignal }} options
 * @returns {Promise<NonNullable<T>>}
 */
export async function waitUntil(question, { timeoutMs, everyMs = 25, what, signal }) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await question();
    if (answer !== false && answer !== null && answer !== undefined) return /** @type {NonNullable<T>} */ (answer);
    if (performance.now() > deadline) throw new Error(`${what}: not within ${Math.round(timeoutMs / 1000)} s`);
    await delay(everyMs, undefined, { signal });
  }
}
