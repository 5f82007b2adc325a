import { commonEnvironment, readEnvironment } from '@penstock/shared/platform';
import { z } from 'zod';

const environment = z.object({
  ...commonEnvironment,
  /** Runs that this worker executes at a time. */
  RUN_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
});

export type WorkerConfig = z.infer<typeof environment>;

/** Reads the worker's configuration. @throws Error that lists every problem. */
export function readConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  return readEnvironment(environment, env);
}
