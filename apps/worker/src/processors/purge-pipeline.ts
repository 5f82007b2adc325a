import type { JobPayload } from '@penstock/shared/queues';
import { type Dependencies, purgePipeline } from '@penstock/shared/use-cases';

/** Removes what a deleted pipeline left in its warehouse. */
export async function purgeDeletedPipeline(deps: Dependencies, payload: JobPayload<'purge-pipeline'>): Promise<void> {
  await purgePipeline(deps, payload.pipeline);
}
