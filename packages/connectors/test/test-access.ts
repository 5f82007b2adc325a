import type { ApplicationAccess, RateLimit } from '../src/index.js';

export interface TestAccess extends ApplicationAccess {
  readonly taken: readonly RateLimit[];
  readonly pauses: readonly number[];
}

/** Access to this machine, with limits that let everything through and remember what they were asked. */
export function testAccess(allowPrivateNetworks = true): TestAccess {
  const taken: RateLimit[] = [];
  const pauses: number[] = [];
  return {
    allowPrivateNetworks,
    taken,
    pauses,
    limits: {
      take: async (limit, signal) => {
        signal.throwIfAborted();
        taken.push(limit);
      },
      pause: async (_limit, durationMs) => {
        pauses.push(durationMs);
      },
    },
  };
}
