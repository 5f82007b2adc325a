import type { JobPayload } from '@penstock/shared/queues';
import { type AttemptDependencies, runAttempt } from '../runtime/attempt.js';

/** Executes one attempt of a run. */
export async function runPipeline(deps: AttemptDependencies, payload: JobPayload<'run-pipeline'>): Promise<void> {
  await runAttempt(deps, payload);
}
