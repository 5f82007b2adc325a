import type { ExportTarget } from '@penstock/engine';
import { lockFence } from '../fence.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { addRemoved } from './export-state.js';

/** What the destination has no more. */
export interface Forgotten {
  readonly target: ExportTarget;
  readonly profiles: readonly string[];
  /** How many records it had of them. */
  readonly removed: number;
}

/** Drops the fingerprints of profiles, and counts their records as removed, in one transaction. Throws FenceLostError. */
export async function forgetProfiles(
  session: Session,
  tables: WarehouseTables,
  { target, profiles, removed }: Forgotten,
): Promise<void> {
  await session.transaction(async () => {
    await lockFence(session, tables, target);
    await session.query(`DELETE FROM ${tables.fingerprints(target.pipeline).sql} WHERE profile = ANY ($1::uuid[])`, [
      profiles,
    ]);
    if (removed > 0) await addRemoved(session, tables, { target, removed });
  });
}
