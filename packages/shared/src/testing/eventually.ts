import { setTimeout as delay } from 'node:timers/promises';

const DEFAULT_DEADLINE_MS = 30_000;
const POLL_MS = 20;

/**
 * Waits until `look` gives something other than undefined, null or false, and returns it.
 * @throws Error with `what` when it has not within the deadline.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { deadlineMs = DEFAULT_DEADLINE_MS }: { readonly deadlineMs?: number } = {},
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`did not happen within ${deadlineMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
