import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, sqlState } from '@penstock/shared/platform';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/** Classes of SQLSTATE that say nothing about what is written: connection, rollback, resources, intervention, system. */
const PASSING = /^(08|40|53|55|57|58)/;

/**
 * Writes until it is written: an outcome that is known must not be lost because the control database is away. Gives up, with
 * false, only when the run is not ours any more. What the database refuses for good is not tried for ever: then `fallback` is
 * written instead.
 */
export async function persist(
  { logger, isLost }: { readonly logger: Logger; readonly isLost: () => boolean },
  write: () => Promise<boolean>,
  fallback: () => Promise<boolean>,
): Promise<boolean> {
  let attempt = write;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (isLost()) return false;
      if (isRefusal(error)) {
        logger.error('the outcome of the attempt was refused by the control database', { error });
        if (attempt === fallback) return false;
        attempt = fallback;
      } else {
        logger.warn('the outcome of the attempt could not be written; it is tried again', { error });
      }
      await delay(delayMs);
    }
  }
}

function isRefusal(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !PASSING.test(state);
}
