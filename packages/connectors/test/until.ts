import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * For a database to end what it was told to end: time for a busy machine, and less than the 10 seconds after which PostgreSQL looks by itself
 * whether its client is still there.
 */
export const ENDED_WHEN_TOLD_MS = 5_000;

/** Waits until something is the case; fails when that takes too long. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms for: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
