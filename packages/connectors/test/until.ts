import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * For a database to end what it was told to end: time for a busy machine, but less than it takes to end because the client is gone. MariaDB
 * looks for it every 5 seconds of a SLEEP, PostgreSQL every 10 seconds of what we ask.
 */
export const ENDED_WHEN_TOLD_MS = 3_000;

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
