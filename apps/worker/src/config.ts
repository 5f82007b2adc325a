import { commonEnvironment, readEnvironment } from '@penstock/shared/platform';
import { z } from 'zod';

const environment = z.object({
  ...commonEnvironment,
  /** Runs that this worker executes at a time. */
  RUN_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  /** Failing records that an attempt keeps as rejects; 0 keeps none. */
  REJECTS_PER_RUN: z.coerce.number().int().min(0).max(10_000).default(1_000),
  REJECTS_KEPT_DAYS: z.coerce.number().int().min(1).max(3_650).default(30),
});

export type WorkerConfig = z.infer<typeof environment>;

/** Reads the worker's configuration. @throws Error that lists every problem. */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  return readEnvironment(environment, env);
}
