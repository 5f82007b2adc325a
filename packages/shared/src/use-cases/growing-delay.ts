const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 15 * 60_000;

/** How long what has failed a number of times waits for its next attempt: 5 s, then twice as long each time, at most 15 minutes. */
export function growingDelayMs(failures: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
}
