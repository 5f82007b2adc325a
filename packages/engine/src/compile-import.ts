import { hasUpdateTime, IMPORT_TRAITS, type ImportDefinition, type Step } from '@penstock/domain';
import { type CompiledMapping, type Value, ValueFailure } from '@penstock/language';
import { BatchOutcome, type OutcomeSinks } from './batch-outcome.js';
import { compileFields, decodeInto, type InputField } from './input-fields.js';
import { type BatchTimes, compileReceive, ownColumns, type Received } from './receive.js';
import type { RawField, RawRow, SourceBatch, SourceReader } from './source.js';
import type { ImportPlan } from './transformation.js';
import type { Transformer } from './transformer.js';
import { isHeavy, isTooMuchWork, portions, TOO_MUCH_WORK } from './work-bounds.js';

/** An import that is ready for the batches of its source. */
export interface CompiledImport {
  /** Whether the records carry an update time of their own. */
  readonly hasUpdateTime: boolean;
  /**
   * Greatest update time that the records so far had of their own, of those that were valid and passed the filter, whatever
   * their transformation did.
   */
  readonly greatestUpdateTime: () => string | null;
  /**
   * Takes a batch from Receive to OutputValidation. Further batches may be handed over before this one is done; their outcomes
   * come in the same order. `latest` is the latest update time that is believed.
   */
  readonly take: (batch: SourceBatch, latest: string) => BatchOutcome | Promise<BatchOutcome>;
  /** Cuts a batch of the source into those that are taken at once: most are one. */
  readonly split: (batch: SourceBatch) => Iterable<SourceBatch>;
  /** Batches that are worth handing over ahead, so that a function's thread never waits for this one. */
  readonly ahead: number;
}

export interface ImportContext {
  readonly definition: ImportDefinition;
  readonly plan: ImportPlan;
  readonly reader: Pick<SourceReader, 'columns' | 'subject'>;
  /** Canonical datetime: update time of records where the source has none. */
  readonly runTime: string;
  /** Records that were updated before are not looked at; null takes all. A database leaves that to its query. */
  readonly skipBefore: string | null;
  readonly sinks: OutcomeSinks;
  readonly transformer: Transformer;
  readonly signal: AbortSignal;
}

const BATCHES_AHEAD = 3;

/** Of a field in the text of a reject, whose limit is below. */
const MAX_FIELD_LENGTH = 32 * 1024;

/**
 * Compiles a definition against the columns that the source has now.
 * @throws StepError SchemaDrift
 */
export function compileImport(context: ImportContext): CompiledImport {
  const { definition, plan, sinks, signal, transformer } = context;
  const fields = compileFields(plan.inSchema, context.reader, ownColumns(definition));
  const input = compileInput(context, fields);
  const steps = countedSteps(definition);
  const start = (batch: SourceBatch): BatchOutcome => {
    const outcome = new BatchOutcome(sinks);
    for (const { record, ...failure } of batch.unreadable) outcome.fail(failure, () => record?.() ?? null);
    return outcome;
  };
  const { runTime } = context;
  const timesOf = ({ updatedAt = runTime }: SourceBatch, latest: string): BatchTimes => ({
    latest,
    // A file of the future is as new as the run: another limit would be another time in each run.
    otherwise: updatedAt < runTime ? updatedAt : runTime,
  });
  const common = { hasUpdateTime: hasUpdateTime(definition), greatestUpdateTime: input.greatestUpdateTime };
  if (plan.transformation.by === 'mapping') {
    const { mapping } = plan.transformation;
    const take = takeMapped(input, mapping, plan.leaves);
    return {
      ...common,
      ahead: 0,
      split: isHeavy(mapping) ? (batch) => portions(batch, mapping) : (batch) => [batch],
      take: (batch, latest) => counted(take(batch, timesOf(batch, latest), start(batch)), steps),
    };
  }
  const take = takeByFunction(input, { transformer, leaves: plan.leaves, signal });
  return {
    ...common,
    ahead: BATCHES_AHEAD,
    split: (batch) => [batch],
    take: async (batch, latest) => counted(await take(batch, timesOf(batch, latest), start(batch)), steps),
  };
}

function counted(outcome: BatchOutcome, steps: readonly Step[]): BatchOutcome {
  outcome.count(steps);
  return outcome;
}

/** The steps before Finalize that count the pipeline's records. */
function countedSteps({ kind, filter }: ImportDefinition): readonly Step[] {
  const countsFilter = IMPORT_TRAITS[kind].countsFilter || filter !== null;
  return [
    'Receive',
    'InputValidation',
    ...(countsFilter ? (['Filter'] as const) : []),
    'Transformation',
    'OutputValidation',
  ];
}

/** Receive, InputValidation and Filter. */
interface Input {
  readonly fields: readonly InputField[];
  readonly greatestUpdateTime: () => string | null;
  /** Reads a record into `values`; undefined when it goes no further, which `outcome` then knows. */
  read(row: RawRow, times: BatchTimes, values: Value[], outcome: BatchOutcome): Received | undefined;
  /** The text of a record, for its reject. */
  describe(row: RawRow): string;
}

function compileInput({ definition, plan, skipBefore }: ImportContext, fields: readonly InputField[]): Input {
  const { inSchema, filter } = plan;
  const receive = compileReceive(definition, { inSchema, fields });
  let greatest = '';
  const describe = (row: RawRow): string =>
    JSON.stringify(Object.fromEntries(fields.map(({ name, position }) => [name, beginning(row[position])])));
  return {
    fields,
    describe,
    greatestUpdateTime: () => (greatest === '' ? null : greatest),
    read: (row, times, values, outcome) => {
      const received = receive(row, times);
      if ('step' in received) {
        outcome.fail(received, () => describe(row));
        return undefined;
      }
      if (skipBefore !== null && received.updatedAt < skipBefore) return undefined;
      const invalid = decodeInto(values, fields, row);
      if (invalid !== undefined) {
        outcome.fail(failureOf(invalid, received), () => describe(row));
        return undefined;
      }
      if (filter !== undefined && !filter(values)) {
        outcome.drop();
        return undefined;
      }
      if (received.hasOwnTime && received.updatedAt > greatest) greatest = received.updatedAt;
      return received;
    },
  };
}

/** Of a field as much as is ever kept of a record: whoever keeps it cuts it, and says so. */
function beginning(field: RawField): RawField {
  if (field instanceof ValueFailure) return null;
  return typeof field === 'string' ? field.slice(0, MAX_FIELD_LENGTH) : field;
}

function failureOf({ step, code, message }: ValueFailure, { userId }: Received) {
  return { step, code, message, key: userId };
}

type Take<Result> = (batch: SourceBatch, times: BatchTimes, outcome: BatchOutcome) => Result;

/** Takes batches through a mapping, one record after the other. */
function takeMapped(input: Input, mapping: CompiledMapping, { spread }: ImportPlan['leaves']): Take<BatchOutcome> {
  // One array serves all records: the mapping reads it before the next record is read.
  const values: Value[] = input.fields.map(() => null);
  const out: Value[] = mapping.outPaths.map(() => null);
  const heavy = isHeavy(mapping);
  return (batch, times, outcome) => {
    for (const row of batch.rows) {
      const received = input.read(row, times, values, outcome);
      if (received === undefined) continue;
      const failure = heavy && isTooMuchWork(mapping, values) ? TOO_MUCH_WORK : mapping.evaluate(values, out);
      if (failure === undefined) outcome.staged.push([received.userId, received.updatedAt, ...spread(out)]);
      else outcome.fail(failureOf(failure, received), () => input.describe(row));
    }
    return outcome;
  };
}

interface FunctionContext {
  readonly transformer: Transformer;
  readonly leaves: ImportPlan['leaves'];
  readonly signal: AbortSignal;
}

/** Takes batches through a function: it gets all records of a batch that are valid at once. */
function takeByFunction(input: Input, { transformer, leaves, signal }: FunctionContext): Take<Promise<BatchOutcome>> {
  return async (batch, times, outcome) => {
    const records: { readonly row: RawRow; readonly received: Received }[] = [];
    const rows: Value[][] = [];
    for (const row of batch.rows) {
      const values: Value[] = new Array(input.fields.length).fill(null);
      const received = input.read(row, times, values, outcome);
      if (received === undefined) continue;
      records.push({ row, received });
      rows.push(values);
    }
    if (rows.length === 0) return outcome;
    const results = await transformer.transform(rows, signal);
    for (const [index, { row, received }] of records.entries()) {
      const result = results[index] ?? [];
      if (result instanceof ValueFailure) outcome.fail(failureOf(result, received), () => input.describe(row));
      else outcome.staged.push([received.userId, received.updatedAt, ...leaves.spread(result)]);
    }
    return outcome;
  };
}
