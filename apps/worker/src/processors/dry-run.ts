import type { JobPayload } from '@penstock/shared/queues';
import type { AttemptDependencies } from '../runtime/attempt.js';
import { runDry } from '../runtime/dry-run.js';

/** Looks what a run would do. */
export async function dryRun(deps: AttemptDependencies, payload: JobPayload<'dry-run'>): Promise<void> {
  await runDry(deps, payload.dryRun);
}
