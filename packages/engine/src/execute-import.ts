import { setImmediate as nextTurn } from 'node:timers/promises';
import { IMPORT_TRAITS, type ImportDefinition, type RecordFailure, STEPS, type Tally } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import { atStep } from './at-step.js';
import type { OutcomeSinks } from './batch-outcome.js';
import { type CompiledImport, compileImport } from './compile-import.js';
import type { DryRunResult } from './dry-run-result.js';
import { columnsOf } from './profile-fields.js';
import type { ReadFrom, Source, SourceBatch, SourceReader } from './source.js';
import { takeAhead, unnoticed } from './take-ahead.js';
import { compileImportPlan, type ImportPlan } from './transformation.js';
import { type OpenFunction, openTransformer } from './transformer.js';
import { canonicalDatetime, latestUpdateTime, readStart } from './update-time.js';
import type { AttemptTarget, ImportAttempt, ImportTarget, PublishPlan, Receipt, Warehouse } from './warehouse.js';

/** What is imported, by which attempt of which run. */
export interface ImportAssignment {
  readonly workspace: number;
  readonly connection: number;
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
  readonly definition: ImportDefinition;
  readonly profileSchema: ObjectType;
  /** Canonical datetime or date up to which the source has been imported; null imports everything. */
  readonly cursor: string | null;
  readonly cursorOverlapMs: number;
  /** Greatest share (0..1) of the pipeline's identities that may be removed. */
  readonly maxRemovedShare: number;
  readonly startTime: Date;
}

/** The points that an import passes, in their order; `staging` is passed once for every batch. */
export type ImportStage = 'fenced' | 'opened' | 'staging' | 'staged' | 'published';

export interface ImportEnvironment extends OutcomeSinks {
  readonly source: Source;
  readonly warehouse: Warehouse;
  /** Starts the thread of a transformation function. */
  readonly openFunction: OpenFunction;
  /** Ends the import at once; its reason is what the import then throws. */
  readonly signal: AbortSignal;
  readonly onStage: (stage: ImportStage) => void | Promise<void>;
  /** The source is being read, though nothing can be staged yet. */
  readonly onProgress?: () => void;
}

/**
 * Executes one attempt of an import: takes the fence, reads the source through the steps into staging, publishes.
 * Nothing is visible in the warehouse before the publish, and everything after it.
 * @throws StepError with a text for the user; FenceLostError when a later attempt has begun; the signal's reason when stopped.
 */
export async function executeImport(assignment: ImportAssignment, environment: ImportEnvironment): Promise<Receipt> {
  const { signal, failures, tally, onStage } = environment;
  const plan = compileImportPlan(assignment.definition, assignment.profileSchema);
  const target = importTarget(assignment, plan, environment);
  const attempt = await atStep('Finalize', signal, () => environment.warehouse.beginImport(target, signal));
  try {
    await onStage('fenced');
    if (attempt.receipt !== null) return attempt.receipt;
    const staged = await stageSource(assignment, plan, attempt, environment);
    await onStage('staged');
    const report = () => ({ notice: staged.notice, failures: failures.list() });
    const publication = { ...publishPlan(assignment, staged, tally), report };
    const receipt = await atStep('Finalize', signal, () => attempt.publish(publication));
    await onStage('published');
    return receipt;
  } finally {
    await attempt.close();
  }
}

/**
 * Takes a source through the steps and counts what publishing it would do; nothing is written. Throws as {@link executeImport}.
 */
export async function executeDryImport(
  assignment: ImportAssignment,
  environment: ImportEnvironment,
): Promise<DryRunResult> {
  const { signal, tally, warehouse } = environment;
  const plan = compileImportPlan(assignment.definition, assignment.profileSchema);
  let refused = 0;
  const target = importTarget(assignment, plan, environment);
  const onRefused = (failure: RecordFailure): void => {
    refused += 1;
    target.onRefused(failure);
  };
  const attempt = await atStep('Finalize', signal, () => warehouse.beginDryImport({ ...target, onRefused }, signal));
  try {
    const { mayRemove, hasUpdateTime, notice } = await stageSource(assignment, plan, attempt, environment);
    const request = { removeVanished: mayRemove, compareUpdatedAt: hasUpdateTime };
    const counts = await atStep('Finalize', signal, () => attempt.count(request));
    tally.fail('Finalize', refused);
    tally.pass('Finalize', (tally.passed[OUTPUT_VALIDATION] ?? 0) - refused);
    return { ...counts, notice };
  } finally {
    await attempt.close();
  }
}

const OUTPUT_VALIDATION = STEPS.indexOf('OutputValidation');

function importTarget(
  assignment: ImportAssignment,
  { leaves }: ImportPlan,
  { failures, rejects }: OutcomeSinks,
): ImportTarget {
  const onRefused = (failure: RecordFailure): void => {
    failures.add(failure);
    if (!rejects.isFull) rejects.add({ ...failure, record: null });
  };
  return { ...assignment, columns: columnsOf(assignment.profileSchema), mapped: leaves.paths, onRefused };
}

/**
 * Looks whether an earlier attempt of a run has published, and keeps every earlier attempt from publishing any more.
 * @throws as {@link executeImport}
 */
export async function lookUpReceipt(
  target: AttemptTarget,
  warehouse: Warehouse,
  signal: AbortSignal,
): Promise<Receipt | null> {
  return atStep('Finalize', signal, () => warehouse.findReceipt(target, signal));
}

/** What an import and its dry run stage into. */
type StagingAttempt = Pick<ImportAttempt, 'stage' | 'keep'>;

interface Staged {
  /** The pipeline's next cursor; null keeps the one that it has. */
  readonly cursor: string | null;
  readonly hasUpdateTime: boolean;
  readonly mayRemove: boolean;
  readonly notice: string | null;
}

/** Reads the source to its end, through the steps, into staging. */
async function stageSource(
  assignment: ImportAssignment,
  plan: ImportPlan,
  attempt: StagingAttempt,
  environment: ImportEnvironment,
): Promise<Staged> {
  const { source, signal, onStage, openFunction } = environment;
  const { definition } = assignment;
  const from = startOf(assignment, plan);
  const { transformation } = plan;
  const transformer = await atStep('Transformation', signal, async () => openTransformer(transformation, openFunction));
  // A function gets ready while the source is opened; one that cannot be run is no reason to read anything.
  const ready = unnoticed(transformer.ready(signal));
  let reader: SourceReader | undefined;
  try {
    reader = await atStep('Receive', signal, () => source.open(from, signal, environment.onProgress));
    await atStep('Transformation', signal, () => ready);
    await onStage('opened');
    const runTime = canonicalDatetime(assignment.startTime.getTime());
    const compiled = compileImport({
      ...{ definition, plan, reader, runTime, sinks: environment, transformer, signal },
      skipBefore: IMPORT_TRAITS[definition.kind].skipsUnchanged ? (from?.updatedAt ?? null) : null,
    });
    return await stageBatches(reader, compiled, { attempt, environment, full: assignment.cursor === null });
  } finally {
    await transformer.close();
    await reader?.close();
  }
}

interface Staging {
  readonly attempt: StagingAttempt;
  readonly environment: ImportEnvironment;
  readonly full: boolean;
}

async function stageBatches(reader: SourceReader, compiled: CompiledImport, staging: Staging): Promise<Staged> {
  const { attempt, full } = staging;
  const { signal, onStage } = staging.environment;
  let withoutKey = 0;
  const take = (batch: SourceBatch) => compiled.take(batch, latestUpdateTime(Date.now()));
  for await (const outcome of takeAhead(reader.batches(), { ...compiled, take }, signal)) {
    withoutKey += outcome.withoutKey;
    await atStep('Finalize', signal, async () => {
      await attempt.stage(outcome.staged);
      // Only a full run removes, so only there has the identity of a failed record to be kept.
      if (full && outcome.failedKeys.length > 0) await attempt.keep(outcome.failedKeys);
    });
    await onStage('staging');
    // Timers (heartbeat, lock) get their turn even when the source never makes us wait.
    await nextTurn();
    signal.throwIfAborted();
  }
  const mayRemove = full && withoutKey === 0;
  const notice =
    full && withoutKey > 0 ? `${withoutKey} failed records have no identifier, so no identity was removed` : null;
  const { hasUpdateTime } = compiled;
  return { cursor: hasUpdateTime ? compiled.greatestUpdateTime() : null, hasUpdateTime, mayRemove, notice };
}

function publishPlan(assignment: ImportAssignment, staged: Staged, tally: Tally): PublishPlan {
  return {
    removeVanished: staged.mayRemove,
    compareUpdatedAt: staged.hasUpdateTime,
    maxRemovedShare: assignment.maxRemovedShare,
    counts: tally.snapshot(),
    cursor: staged.cursor,
  };
}

function startOf({ cursor, cursorOverlapMs, definition }: ImportAssignment, { inSchema }: ImportPlan): ReadFrom | null {
  if (cursor === null) return null;
  const from = { cursor, overlapMs: cursorOverlapMs };
  if (definition.kind === 'import-from-application') return readStart(from, undefined, null);
  const column = inSchema.properties.find(({ name }) => name === definition.updatedAtColumn);
  return readStart(from, column?.type, definition.updatedAtFormat);
}
