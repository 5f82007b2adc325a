import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  AppError,
  type PipelineDefinition,
  type RecordFailure,
  type Step,
  StepError,
  type Tally,
} from '@penstock/domain';
import { leafProperties, type ObjectType } from '@penstock/language';
import {
  type CompiledImport,
  compileImport,
  compileImportMapping,
  type ImportMapping,
  isStaged,
} from './compile-import.js';
import type { FailureGroups } from './failure-groups.js';
import type { ReadFrom, Source, SourceBatch, SourceReader } from './source.js';
import { canonicalDatetime, latestUpdateTime, readFrom } from './update-time.js';
import type { ImportAttempt, PublishPlan, Receipt, StagedRow, Warehouse } from './warehouse.js';

/** What is imported, by which attempt of which run. */
export interface ImportAssignment {
  readonly workspace: number;
  readonly connection: number;
  readonly pipeline: number;
  readonly run: number;
  readonly epoch: number;
  readonly definition: PipelineDefinition;
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

export interface ImportEnvironment {
  readonly source: Source;
  readonly warehouse: Warehouse;
  /** Ends the import at once; its reason is what the import then throws. */
  readonly signal: AbortSignal;
  readonly tally: Tally;
  readonly failures: FailureGroups;
  readonly onStage: (stage: ImportStage) => void | Promise<void>;
}

/**
 * Executes one attempt of an import: takes the fence, reads the source through the steps into staging, publishes.
 * Nothing is visible in the warehouse before the publish, and everything after it.
 * @throws StepError with a text for the user; FenceLostError when a later attempt has begun; the signal's reason when stopped.
 */
export async function executeImport(assignment: ImportAssignment, environment: ImportEnvironment): Promise<Receipt> {
  const { signal, failures, tally, onStage } = environment;
  const mapping = compileImportMapping(assignment.definition, assignment.profileSchema);
  const onRefused = (failure: RecordFailure): void => failures.add(failure);
  const target = {
    ...assignment,
    columns: columnsOf(assignment.profileSchema),
    mapped: mapping.mapping.outPaths,
    onRefused,
  };
  const attempt = await atStep('Finalize', signal, () => environment.warehouse.beginImport(target, signal));
  try {
    await onStage('fenced');
    if (attempt.receipt !== null) return attempt.receipt;
    const staged = await stageSource(assignment, mapping, attempt, environment);
    await onStage('staged');
    const report = () => ({ notice: staged.notice, failures: failures.list() });
    const plan = { ...publishPlan(assignment, staged, tally), report };
    const receipt = await atStep('Finalize', signal, () => attempt.publish(plan));
    await onStage('published');
    return receipt;
  } finally {
    await attempt.close();
  }
}

/**
 * Looks whether an earlier attempt of a run has published, and keeps every earlier attempt from publishing any more.
 * @throws as {@link executeImport}
 */
export async function lookUpReceipt(
  target: Pick<ImportAssignment, 'workspace' | 'connection' | 'pipeline' | 'run' | 'epoch'>,
  warehouse: Warehouse,
  signal: AbortSignal,
): Promise<Receipt | null> {
  const nothing = { columns: [], mapped: [], onRefused: () => undefined };
  const attempt = await atStep('Finalize', signal, () => warehouse.beginImport({ ...target, ...nothing }, signal));
  await attempt.close();
  return attempt.receipt;
}

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
  mapping: ImportMapping,
  attempt: ImportAttempt,
  environment: ImportEnvironment,
): Promise<Staged> {
  const { source, signal, onStage } = environment;
  const from = startOf(assignment, mapping);
  const { query } = assignment.definition;
  const reader = await atStep('Receive', signal, () => source.open({ query, from }, signal));
  try {
    await onStage('opened');
    const runTime = canonicalDatetime(assignment.startTime.getTime());
    const compiled = compileImport(assignment.definition, mapping, reader.columns, runTime);
    return await stageBatches(reader, compiled, { attempt, environment, full: assignment.cursor === null });
  } finally {
    await reader.close();
  }
}

interface Staging {
  readonly attempt: ImportAttempt;
  readonly environment: ImportEnvironment;
  readonly full: boolean;
}

async function stageBatches(reader: SourceReader, compiled: CompiledImport, staging: Staging): Promise<Staged> {
  const { attempt, full } = staging;
  const { signal, onStage } = staging.environment;
  let withoutKey = 0;
  const batches = reader.batches()[Symbol.asyncIterator]();
  for (;;) {
    const next = await atStep('Receive', signal, () => batches.next());
    if (next.done) break;
    const passed = takeBatch(next.value, compiled, staging.environment);
    withoutKey += passed.withoutKey;
    await atStep('Finalize', signal, async () => {
      await attempt.stage(passed.staged);
      // Only a full run removes, so only there has the identity of a failed record to be kept.
      if (full && passed.failedKeys.length > 0) await attempt.keep(passed.failedKeys);
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

interface TakenBatch {
  readonly staged: readonly StagedRow[];
  readonly failedKeys: readonly string[];
  readonly withoutKey: number;
}

/** Takes a batch through the steps and counts it. */
function takeBatch(batch: SourceBatch, compiled: CompiledImport, { tally, failures }: ImportEnvironment): TakenBatch {
  const latest = latestUpdateTime(Date.now());
  const staged: StagedRow[] = [];
  const failedKeys: string[] = [];
  let withoutKey = 0;
  const fail = (failure: RecordFailure): void => {
    failures.add(failure);
    countFailure(tally, failure.step);
    if (failure.key === null) withoutKey += 1;
    else failedKeys.push(failure.key);
  };
  for (const failure of batch.unreadable) fail(failure);
  for (const row of batch.rows) {
    const outcome = compiled.take(row, latest);
    if (isStaged(outcome)) staged.push(outcome);
    else fail(outcome);
  }
  for (const step of IMPORT_STEPS) tally.pass(step, staged.length);
  return { staged, failedKeys, withoutKey };
}

/** Steps of a database import before Finalize. The query is the filter, so nothing is counted at Filter. */
const IMPORT_STEPS: readonly Step[] = ['Receive', 'InputValidation', 'Transformation', 'OutputValidation'];

/** A record that failed a step has passed all steps before it. */
function countFailure(tally: Tally, failed: Step): void {
  for (const step of IMPORT_STEPS) {
    if (step === failed) break;
    tally.pass(step);
  }
  tally.fail(failed);
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

function startOf(
  { cursor, cursorOverlapMs, definition }: ImportAssignment,
  { inSchema }: ImportMapping,
): ReadFrom | null {
  if (cursor === null) return null;
  const column = inSchema.properties.find(({ name }) => name === definition.updatedAtColumn);
  const kind = column?.type.kind === 'date' ? 'date' : 'datetime';
  return { updatedAt: readFrom(cursor, cursorOverlapMs, kind), kind };
}

function columnsOf(profileSchema: ObjectType) {
  return leafProperties(profileSchema).map(({ path, column, property }) => ({ path, column, type: property.type }));
}

/** Gives an expected error of a port the step at which it happened; a stop shows as its reason, not as its consequences. */
async function atStep<T>(step: Step, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError) || error instanceof StepError) throw error;
    throw new StepError(step, error.code, { message: error.message, cause: error });
  }
}
