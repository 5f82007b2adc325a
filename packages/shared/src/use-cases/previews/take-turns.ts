import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one request works before others have a turn, in milliseconds. */
const TURN_MS = 10;

/**
 * Starts a piece of work that others must not wait for. What it returns is awaited after each record: it lets others have their
 * turn when this one has lasted long enough. @throws the signal's reason
 */
export function takeTurns(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  signal.throwIfAborted();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await nextTurn();
    signal.throwIfAborted();
    since = performance.now();
  };
}
