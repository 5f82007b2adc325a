import type { JobPayload } from '@penstock/shared/queues';
import { type Dependencies, sweepWarehouse } from '@penstock/shared/use-cases';

/** Drops what attempts that are over left in a warehouse. */
export async function sweep(deps: Dependencies, payload: JobPayload<'sweep-warehouse'>): Promise<void> {
  await sweepWarehouse(deps, payload.workspace);
}
