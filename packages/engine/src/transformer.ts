import { StepError } from '@penstock/domain';
import {
  type CompiledFunction,
  type CompiledMapping,
  FunctionAnswerError,
  type FunctionProgram,
  textLength,
  type Value,
  ValueFailure,
} from '@penstock/language';
import type { Transformation } from './transformation.js';

/** What runs a function; see the contract of the sandboxes. Batches that are handed over together are answered in order. */
export interface FunctionRunner {
  run(batch: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Starts what runs a function. @throws AppError UnsupportedLanguage */
export type OpenFunction = (program: FunctionProgram) => FunctionRunner;

/** Transforms valid records, given by the values of their top-level properties, into values by position of the out paths. */
export interface Transformer {
  transform(
    rows: readonly (readonly Value[])[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Value[] | ValueFailure)[]>;
  /** Resolves when records can be transformed, rejects when they never can: the function does not parse, has no `transform`. */
  ready(signal: AbortSignal): Promise<void>;
  /** Idempotent, never throws. */
  close(): Promise<void>;
}

/** Makes a transformation run. @throws AppError UnsupportedLanguage */
export function openTransformer(transformation: Transformation, openFunction: OpenFunction): Transformer {
  if (transformation.by === 'function') return functionTransformer(transformation.function, openFunction);
  const { mapping } = transformation;
  return {
    transform: (rows) => Promise.resolve(rows.map((row) => evaluate(mapping, row))),
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function evaluate(mapping: CompiledMapping, row: readonly Value[]): readonly Value[] | ValueFailure {
  const out: Value[] = mapping.outPaths.map(() => null);
  return mapping.evaluate(row, out) ?? out;
}

function functionTransformer(compiled: CompiledFunction, openFunction: OpenFunction): Transformer {
  const runner = openFunction(compiled.program);
  return {
    transform: async (rows, signal) => {
      const portions = functionPortions(rows);
      const results = await Promise.all(portions.map((portion) => runPortion(compiled, portion, { runner, signal })));
      return results.flat();
    },
    ready: async (signal) => {
      await runner.run(compiled.encodeBatch([]), signal);
    },
    close: () => runner.close(),
  };
}

/** Text of records that are handed to a function at once, and of the largest record that is, in characters. */
const MAX_PORTION_LENGTH = 1024 * 1024;
const MAX_RECORD_LENGTH = 8 * 1024 * 1024;

const TOO_LARGE = new ValueFailure(
  'Transformation',
  'RecordTooLarge',
  'the record is too large for a function: its text has more than 8 million characters',
);

/** Records that go together; one that is too large stands alone and goes nowhere. */
type Portion = readonly (readonly Value[])[] | ValueFailure;

/** Cuts a batch for the memory that a function has. Nearly always the batch is one portion. */
function functionPortions(rows: readonly (readonly Value[])[]): Portion[] {
  const portions: Portion[] = [];
  let portion: (readonly Value[])[] = [];
  let length = 0;
  const cut = (): void => {
    if (portion.length > 0) portions.push(portion);
    [portion, length] = [[], 0];
  };
  for (const row of rows) {
    const added = textLength(row);
    if (length + added > MAX_PORTION_LENGTH) cut();
    if (added > MAX_RECORD_LENGTH) portions.push(TOO_LARGE);
    else portion.push(row);
    length += added > MAX_RECORD_LENGTH ? 0 : added;
  }
  cut();
  return portions;
}

async function runPortion(
  compiled: CompiledFunction,
  portion: Portion,
  { runner, signal }: { readonly runner: FunctionRunner; readonly signal: AbortSignal },
): Promise<readonly (readonly Value[] | ValueFailure)[]> {
  if (portion instanceof ValueFailure) return [portion];
  const answer = await runner.run(compiled.encodeBatch(portion), signal);
  return decodeAnswer(compiled, answer, portion.length);
}

function decodeAnswer(compiled: CompiledFunction, answer: string, count: number) {
  try {
    return compiled.decodeBatch(answer, count);
  } catch (cause) {
    if (!(cause instanceof FunctionAnswerError)) throw cause;
    throw new StepError('Transformation', 'FunctionFailed', { message: cause.message, cause });
  }
}
