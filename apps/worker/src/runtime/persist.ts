import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@penstock/shared/platform';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

/**
 * Writes until it is written. Gives up, with false, only when the run is not ours any more: an outcome that is known must not
 * be lost because the control database is away.
 */
export async function persist(
  { logger, isLost }: { readonly logger: Logger; readonly isLost: () => boolean },
  write: () => Promise<boolean>,
): Promise<boolean> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    try {
      return await write();
    } catch (error) {
      if (isLost()) return false;
      logger.warn('the outcome of the attempt could not be written; it is tried again', { error });
      await delay(delayMs);
    }
  }
}
