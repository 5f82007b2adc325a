import type { JobPayload } from '@penstock/shared/queues';
import { type Dependencies, recordDue } from '@penstock/shared/use-cases';

/** Acts on a due time of a schedule. */
export async function tick(deps: Dependencies, payload: JobPayload<'tick'>): Promise<void> {
  await recordDue(deps, { ...payload, nowMs: Date.now() });
}
