import { AppError, STEPS, type StepCounts } from '@penstock/domain';
import type { PublishPlan, Receipt } from '@penstock/engine';
import { leaveReceipt, lockFence } from '../fence.js';
import { ensureChangeLog } from '../resolution/profile-tables.js';
import { requireSameLayout } from '../table-layout.js';
import { attachStage } from './attach-stage.js';
import type { Effect, Publication } from './publication.js';
import { NO_EFFECT } from './publication.js';
import { publishDifferences } from './publish-differences.js';
import { awaitTurn } from './publish-turn.js';

const FINALIZE = STEPS.indexOf('Finalize');

/**
 * Makes what was staged visible together with the receipt, in one transaction; see the contract of the port. A pipeline's first
 * rows become its partition as they are, later ones are compared with what is there.
 */
export async function publishImport(publication: Publication): Promise<Receipt> {
  const { session, tables, target } = publication;
  await ensureChangeLog(session, tables);
  return session.transaction(async () => {
    await awaitTurn(publication);
    const { hasPartition } = await lockFence(session, tables, target);
    await requireSameLayout(session, tables, publication.layout);
    await requireAllStaged(publication);
    const effect = await applyStaged(publication, hasPartition);
    await dropConsumed(publication);
    const receipt = receiptOf(publication, effect);
    await leaveReceipt(session, tables, { ...target, receipt });
    return receipt;
  });
}

/** Leaves the receipt of a run that neither brought nor may remove anything: a single statement. */
export async function publishNothing(publication: Publication): Promise<Receipt> {
  const receipt = receiptOf(publication, NO_EFFECT);
  await leaveReceipt(publication.session, publication.tables, { ...publication.target, receipt });
  return receipt;
}

async function applyStaged(publication: Publication, hasPartition: boolean): Promise<Effect> {
  if (hasPartition) return publishDifferences(publication);
  return publication.stage === null ? NO_EFFECT : attachStage(publication, publication.stage);
}

/** In the same transaction, so that nothing is left behind by a worker that dies afterwards. */
async function dropConsumed({ session, stage, keep }: Publication): Promise<void> {
  const consumed = [stage, keep].flatMap((table) => table?.sql ?? []);
  if (consumed.length > 0) await session.query(`DROP TABLE IF EXISTS ${consumed.join(', ')}`);
}

/** A server that crashed has emptied an unlogged table. */
async function requireAllStaged({ session, stage, acknowledged }: Publication): Promise<void> {
  if (stage === null) return;
  const [found] = await session.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${stage.sql}`);
  if (Number(found?.rows) !== acknowledged) throw new AppError('StagedRowsMissing');
}

function receiptOf({ target, plan, acknowledged, refused }: Publication, effect: Effect): Receipt {
  const { passed, failed } = finalCounts(plan, acknowledged, refused);
  return {
    run: target.run,
    epoch: target.epoch,
    passed,
    failed,
    ...effect,
    cursor: plan.cursor,
    report: plan.report?.() ?? null,
  };
}

function finalCounts({ counts }: PublishPlan, acknowledged: number, refused: number): StepCounts {
  return {
    passed: counts.passed.map((records, step) => (step === FINALIZE ? acknowledged : records)),
    failed: counts.failed.map((records, step) => (step === FINALIZE ? records + refused : records)),
  };
}
