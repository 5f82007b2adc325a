const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const HEALTHY_AFTER_MS = 30_000;

/**
 * How long to wait before something that ended is started again: twice as long each time, and from the beginning once it
 * has run for a while.
 */
export function createBackOff() {
  let failures = 0;
  return {
    /** @param {number} ranMs how long it ran */
    next(ranMs) {
      if (ranMs >= HEALTHY_AFTER_MS) failures = 0;
      return Math.min(FIRST_MS * 2 ** failures++, LONGEST_MS);
    },
  };
}
