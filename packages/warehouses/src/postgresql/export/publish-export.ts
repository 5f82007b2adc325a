import { STEPS } from '@penstock/domain';
import type { ExportPlan, ExportTarget, Receipt } from '@penstock/engine';
import { leaveReceipt, lockFence } from '../fence.js';
import { awaitTurn } from '../publish/publish-turn.js';
import type { Session } from '../session.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';
import { applyRecords, becomeFingerprints } from './apply-records.js';
import { countRemoved } from './export-state.js';
import type { FailedProfiles } from './failed-profiles.js';
import { existingTables, foldJournal } from './fold-journal.js';
import { applicationOf } from './merge-records.js';
import type { StagedRecords } from './staged-records.js';

const FINALIZE = STEPS.indexOf('Finalize');

export interface ExportPublication {
  readonly session: Session;
  readonly tables: WarehouseTables;
  readonly timeouts: WarehouseTimeouts;
  readonly target: ExportTarget;
  readonly plan: ExportPlan;
  readonly staged: StagedRecords;
  readonly failed: FailedProfiles;
}

/** Makes what was staged and what was noted as accepted the fingerprints, and leaves the receipt, in one transaction. */
export function publishExport(publication: ExportPublication): Promise<Receipt> {
  const { session, tables, target } = publication;
  return session.transaction(async () => {
    await awaitTurn(publication);
    await lockFence(session, tables, target);
    if (publication.staged.isCreated) await applyStaged(publication);
    await foldJournal(session, tables, target.pipeline);
    const existing = await existingTables(session, tables, target.pipeline);
    if (existing.fingerprints) await publication.failed.distrust(tables.fingerprints(target.pipeline));
    const removed = await countRemoved(session, tables, target);
    const receipt = receiptOf(publication, { ...(await countSent(publication)), removed });
    await leaveReceipt(session, tables, { ...target, receipt });
    return receipt;
  });
}

async function applyStaged({ session, tables, target, staged }: ExportPublication): Promise<void> {
  await staged.dropRefused();
  const application = applicationOf(session, tables, { pipeline: target.pipeline, records: staged.table });
  const existing = await existingTables(session, tables, target.pipeline);
  await (existing.fingerprints ? applyRecords(application) : becomeFingerprints(application));
}

interface Sent {
  readonly added: number;
  readonly changed: number;
}

/** What all attempts of the run have sent. */
async function countSent({ session, tables, target }: ExportPublication): Promise<Sent> {
  if (!(await existingTables(session, tables, target.pipeline)).fingerprints) return { added: 0, changed: 0 };
  const [counted] = await session.query<Record<keyof Sent, string>>(
    `SELECT count(*) FILTER (WHERE is_new) AS added, count(*) FILTER (WHERE NOT is_new) AS changed
     FROM ${tables.fingerprints(target.pipeline).sql} WHERE run = $1`,
    [target.run],
  );
  return { added: Number(counted?.added), changed: Number(counted?.changed) };
}

function receiptOf({ target, plan }: ExportPublication, sent: Sent & Pick<Receipt, 'removed'>): Receipt {
  const { passed, failed } = plan.counts;
  const added = plan.added ?? sent.added;
  const changed = Math.max(0, sent.added + sent.changed - added);
  return {
    run: target.run,
    epoch: target.epoch,
    passed,
    failed,
    added,
    changed,
    unchanged: Math.max(0, (passed[FINALIZE] ?? 0) - added - changed),
    removed: sent.removed,
    merged: 0,
    cursor: null,
    report: plan.report,
  };
}
