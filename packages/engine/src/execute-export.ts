import { AppError, type ExportDefinition, type Tally } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import { atStep } from './at-step.js';
import type { OutcomeSinks } from './batch-outcome.js';
import type { Destination } from './destination.js';
import type { DryRunResult } from './dry-run-result.js';
import { exportToApplication } from './export-to-application.js';
import { exportToFile } from './export-to-file.js';
import { exportToTable } from './export-to-table.js';
import type { ExportAttempt, ExportTarget } from './export-warehouse.js';
import { TRANSFORMING_STEPS } from './profile-outcome.js';
import type { OpenFunction } from './transformer.js';
import type { Receipt, Warehouse } from './warehouse.js';

/** What is exported, by which attempt of which run. */
export interface ExportAssignment {
  readonly workspace: number;
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
  /** Of the definition: what is noted as accepted is noted under it. */
  readonly version: number;
  readonly definition: ExportDefinition;
  readonly profileSchema: ObjectType;
  /** Sends everything, whatever the destination has accepted before. */
  readonly full: boolean;
  /** Greatest share (0..1) of the records of the destination that may be removed. */
  readonly maxRemovedShare: number;
  readonly startTime: Date;
}

/**
 * The points that an export passes, in their order; `staging` is passed for every batch that is read, `sending` for every one that is written, and
 * of an application both in turns.
 */
export type ExportStage = 'fenced' | 'opened' | 'staging' | 'staged' | 'sending' | 'sent' | 'published';

export interface ExportEnvironment extends OutcomeSinks {
  readonly destination: Destination;
  readonly warehouse: Warehouse;
  /** Starts the thread of a transformation function. */
  readonly openFunction: OpenFunction;
  /** Ends the export at once; its reason is what the export then throws. */
  readonly signal: AbortSignal;
  readonly onStage: (stage: ExportStage) => void | Promise<void>;
}

/** One attempt, or a dry run, at work. */
export interface ExportWork<Definition extends ExportDefinition> {
  readonly assignment: ExportAssignment & { readonly definition: Definition };
  readonly attempt: ExportAttempt;
  readonly environment: ExportEnvironment;
  /** Looks what would be sent, and sends nothing. */
  readonly dry: boolean;
}

/** What an export has done, or would do, beside the counts of its steps; null where the warehouse counts it, over all attempts. */
export interface ExportEffect {
  readonly added: number | null;
  readonly changed: number | null;
  readonly removed: number | null;
}

/**
 * Executes one attempt of an export: takes the fence, reads the profiles of one moment through the steps, writes what the destination does
 * not have yet, and notes what it has accepted.
 * @throws StepError with a text for the user; FenceLostError when a later attempt has begun; the signal's reason when stopped.
 */
export async function executeExport(assignment: ExportAssignment, environment: ExportEnvironment): Promise<Receipt> {
  const { signal, warehouse, onStage, tally, failures } = environment;
  const attempt = await atStep('Finalize', signal, () => warehouse.beginExport(targetOf(assignment), signal));
  try {
    await onStage('fenced');
    if (attempt.receipt !== null) return attempt.receipt;
    const { added } = await perform({ assignment, attempt, environment, dry: false });
    await onStage('sent');
    const report = { notice: null, failures: failures.list() };
    const plan = { counts: tally.snapshot(), added, report };
    const receipt = await atStep('Finalize', signal, () => attempt.publish(plan));
    await onStage('published');
    return receipt;
  } finally {
    await attempt.close();
  }
}

/**
 * Takes the profiles through the steps and counts what would be sent; nothing is written. What only the destination can refuse is not known. Throws as {@link executeExport}.
 */
export async function executeDryExport(
  assignment: ExportAssignment,
  environment: ExportEnvironment,
): Promise<DryRunResult> {
  const { signal, warehouse } = environment;
  const attempt = await atStep('Finalize', signal, () => warehouse.beginDryExport(targetOf(assignment), signal));
  try {
    const { added, changed, removed } = await perform({ assignment, attempt, environment, dry: true });
    const sent = { added: added ?? 0, changed: changed ?? 0 };
    const unchanged = (environment.tally.passed.at(-1) ?? 0) - sent.added - sent.changed;
    return { ...sent, unchanged, removed: removed ?? 0, merged: 0, notice: null };
  } finally {
    await attempt.close();
  }
}

/** What an earlier version of the pipeline has written to another table, or by another key, says nothing of this one. */
function targetOf(assignment: ExportAssignment): ExportTarget {
  const { definition } = assignment;
  const isTable = definition.kind === 'export-to-database';
  return { ...assignment, destination: isTable ? JSON.stringify([definition.tableName, definition.tableKey]) : '' };
}

function perform(work: ExportWork<ExportDefinition>): Promise<ExportEffect> {
  const { destination } = work.environment;
  const { definition } = work.assignment;
  if (destination.to === 'table' && definition.kind === 'export-to-database') {
    return exportToTable({ ...work, assignment: { ...work.assignment, definition } }, destination.table);
  }
  if (destination.to === 'file' && definition.kind === 'export-to-file') {
    return exportToFile({ ...work, assignment: { ...work.assignment, definition } }, destination.file);
  }
  if (destination.to === 'application' && definition.kind === 'export-to-application') {
    return exportToApplication({ ...work, assignment: { ...work.assignment, definition } }, destination.application);
  }
  throw new AppError('InvalidDefinition', { message: 'the pipeline is of another kind than its connection' });
}

/** Records that have not changed, and so are not even delivered, passed the steps before Finalize when they were. */
export function passUnchanged(tally: Tally, records: number): void {
  for (const step of TRANSFORMING_STEPS) tally.pass(step, records);
}
