import type { JobPayload } from '@penstock/shared/queues';
import type { AttemptDependencies } from '../runtime/attempt.js';
import { operateWarehouse } from '../runtime/operate-warehouse.js';

/** Resolves identities and alters the profile schema of a workspace, as far as that is due. */
export async function operate(deps: AttemptDependencies, payload: JobPayload<'operate-warehouse'>): Promise<void> {
  await operateWarehouse(deps, payload.workspace);
}
