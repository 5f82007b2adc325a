import type { ExportTarget } from '@penstock/engine';
import { lockFence } from '../fence.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import { applyRecords, becomeFingerprints } from './apply-records.js';
import { applicationOf } from './merge-records.js';

/** Which of a pipeline's tables exist. */
export interface ExistingTables {
  readonly fingerprints: boolean;
  readonly accepted: boolean;
}

/** Which tables the pipeline has by now. */
export async function existingTables(
  session: Session,
  tables: WarehouseTables,
  pipeline: number,
): Promise<ExistingTables> {
  const [found] = await session.query<{ fingerprints: boolean; accepted: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS fingerprints, to_regclass($2) IS NOT NULL AS accepted',
    [tables.fingerprints(pipeline).sql, tables.accepted(pipeline).sql],
  );
  return found ?? { fingerprints: false, accepted: false };
}

/** Folds what earlier attempts have noted as accepted, in a transaction of its own. Throws FenceLostError. */
export async function foldEarlier(session: Session, tables: WarehouseTables, target: ExportTarget): Promise<void> {
  if (!(await existingTables(session, tables, target.pipeline)).accepted) return;
  await session.transaction(async () => {
    await lockFence(session, tables, target);
    await foldJournal(session, tables, target.pipeline);
  });
}

/** Makes what was noted as accepted part of the fingerprints and empties the journal. Part of a transaction that has the fence. */
export async function foldJournal(session: Session, tables: WarehouseTables, pipeline: number): Promise<void> {
  const existing = await existingTables(session, tables, pipeline);
  if (!existing.accepted) return;
  const application = applicationOf(session, tables, { pipeline, records: tables.accepted(pipeline) });
  await (existing.fingerprints ? applyRecords(application) : becomeFingerprints(application));
}
