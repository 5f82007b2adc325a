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
import type { BatchOutcome, OutcomeSinks } from './batch-outcome.js';
import { type CompiledImport, compileImport } from './compile-import.js';
import type { ReadFrom, Source, SourceReader } from './source.js';
import { compileImportPlan, type ImportPlan } from './transformation.js';
import { type OpenFunction, openTransformer } from './transformer.js';
import { canonicalDatetime, latestUpdateTime, readStart } from './update-time.js';
import type { ImportAttempt, PublishPlan, Receipt, Warehouse } from './warehouse.js';

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
  const { signal, failures, rejects, tally, onStage } = environment;
  const plan = compileImportPlan(assignment.definition, assignment.profileSchema);
  const onRefused = (failure: RecordFailure): void => {
    failures.add(failure);
    if (!rejects.isFull) rejects.add({ ...failure, record: null });
  };
  const columns = columnsOf(assignment.profileSchema);
  const target = { ...assignment, columns, mapped: plan.leaves.paths, onRefused };
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
  plan: ImportPlan,
  attempt: ImportAttempt,
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
      skipBefore: definition.kind === 'import-from-file' ? (from?.updatedAt ?? null) : null,
    });
    return await stageBatches(reader, compiled, { attempt, environment, full: assignment.cursor === null });
  } finally {
    await transformer.close();
    await reader?.close();
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
  for await (const outcome of takeBatches(reader, compiled, signal)) {
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

/** Reads batches and takes them through the steps, some of them ahead of the one whose outcome is awaited. */
async function* takeBatches(
  reader: SourceReader,
  compiled: CompiledImport,
  signal: AbortSignal,
): AsyncGenerator<BatchOutcome> {
  const batches = reader.batches()[Symbol.asyncIterator]();
  const ahead: Promise<BatchOutcome>[] = [];
  const settle = () => atStep('Transformation', signal, () => ahead.shift() as Promise<BatchOutcome>);
  for (;;) {
    const reading = unnoticed(atStep('Receive', signal, () => batches.next()));
    // A slow source does not hold back what has been transformed, nor the news that it cannot be.
    while (ahead.length > 0 && (await comesFirst(ahead[0], reading))) yield await settle();
    const next = await reading;
    if (next.done) break;
    for (const batch of compiled.split(next.value)) {
      const taken = compiled.take(batch, latestUpdateTime(Date.now()));
      if (!(taken instanceof Promise)) {
        yield taken;
        continue;
      }
      ahead.push(unnoticed(taken));
      if (ahead.length > compiled.ahead) yield await settle();
    }
  }
  while (ahead.length > 0) yield await settle();
}

/** One that fails is noticed when its turn comes; until then it must not be taken for a failure that nobody handles. */
function unnoticed<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Whether a promise settles, one way or the other, before another one does. */
async function comesFirst(first: Promise<unknown> | undefined, other: Promise<unknown>): Promise<boolean> {
  const settled = (promise: Promise<unknown> | undefined, isFirst: boolean) =>
    Promise.resolve(promise).then(
      () => isFirst,
      () => isFirst,
    );
  return Promise.race([settled(first, true), settled(other, false)]);
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
  const column = inSchema.properties.find(({ name }) => name === definition.updatedAtColumn);
  return readStart({ cursor, overlapMs: cursorOverlapMs }, column?.type, definition.updatedAtFormat);
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
