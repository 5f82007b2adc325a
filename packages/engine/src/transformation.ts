import { type PipelineDefinition, StepError } from '@penstock/domain';
import {
  type CompiledFunction,
  type CompiledMapping,
  compileFilter,
  compileFunction,
  compileMapping,
  FilterError,
  FunctionAnswerError,
  FunctionError,
  type FunctionProgram,
  MappingError,
  type ObjectType,
  type Purpose,
  parseFilter,
  parseSchema,
  type Value,
  type ValueFailure,
} from '@penstock/language';
import { alignOutput } from './drift.js';
import { type OutputLeaves, outputLeaves } from './output-leaves.js';

/** How records become what is written: by expressions, or by a function that runs in a sandbox. */
export type Transformation =
  | { readonly by: 'mapping'; readonly mapping: CompiledMapping }
  | { readonly by: 'function'; readonly function: CompiledFunction };

/** What runs a function; see the contract of the sandboxes. Batches that are handed over together are answered in order. */
export interface FunctionRunner {
  run(batch: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Starts what runs a function. @throws AppError UnsupportedLanguage */
export type OpenFunction = (program: FunctionProgram) => FunctionRunner;

/** The pipeline's own half of an import, which needs no source. */
export interface ImportPlan {
  readonly inSchema: ObjectType;
  /** Whether a record is imported, by its values; undefined imports all. */
  readonly filter: ((row: readonly Value[]) => boolean) | undefined;
  readonly transformation: Transformation;
  readonly leaves: OutputLeaves;
}

/**
 * Compiles schemas, filter and transformation of a definition, once per run.
 * @throws StepError SchemaDrift when the profile schema does not have what the pipeline writes; InvalidDefinition when this
 *   version does not accept the definition any more.
 */
export function compileImportPlan(definition: PipelineDefinition, profileSchema: ObjectType): ImportPlan {
  const plan = asDefined(() => {
    const inSchema = parseSchema(definition.inSchema);
    const { filter } = definition;
    const transformation = compileTransformation(definition.transformation, {
      inSchema,
      outSchema: parseSchema(definition.outSchema),
      purpose: 'Import',
    });
    return {
      inSchema,
      filter: filter === null ? undefined : compileFilter(parseFilter(filter, inSchema, 'import'), inSchema),
      transformation,
      leaves: outputLeaves(compiledOf(transformation)),
    };
  });
  alignOutput(plan.leaves, profileSchema);
  return plan;
}

/** The schemas between which a transformation stands, and what its records are for. */
export interface TransformationScope {
  readonly inSchema: ObjectType;
  readonly outSchema: ObjectType;
  readonly purpose: Purpose;
}

/** Compiles a transformation. @throws MappingError or FunctionError with all violations */
export function compileTransformation(
  transformation: PipelineDefinition['transformation'],
  { inSchema, outSchema, purpose }: TransformationScope,
): Transformation {
  return 'mapping' in transformation
    ? { by: 'mapping', mapping: compileMapping(transformation.mapping, inSchema, outSchema, purpose) }
    : { by: 'function', function: compileFunction(transformation.function, inSchema, outSchema, { purpose }) };
}

/** What a transformation reads and writes, whichever way. */
export function compiledOf(transformation: Transformation): CompiledMapping | CompiledFunction {
  return transformation.by === 'mapping' ? transformation.mapping : transformation.function;
}

/** Transforms valid records, given by the values of their top-level properties, into values by position of the out paths. */
export interface Transformer {
  transform(
    rows: readonly (readonly Value[])[],
    signal: AbortSignal,
  ): Promise<readonly (readonly Value[] | ValueFailure)[]>;
  /** Idempotent, never throws. */
  close(): Promise<void>;
}

/** Makes a transformation run. @throws AppError UnsupportedLanguage */
export function openTransformer(transformation: Transformation, openFunction: OpenFunction): Transformer {
  if (transformation.by === 'function') return functionTransformer(transformation.function, openFunction);
  const { mapping } = transformation;
  return {
    transform: (rows) => Promise.resolve(rows.map((row) => evaluate(mapping, row))),
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
      const answer = await runner.run(compiled.encodeBatch(rows), signal);
      return decodeAnswer(compiled, answer, rows.length);
    },
    close: () => runner.close(),
  };
}

function decodeAnswer(compiled: CompiledFunction, answer: string, count: number) {
  try {
    return compiled.decodeBatch(answer, count);
  } catch (cause) {
    if (!(cause instanceof FunctionAnswerError)) throw cause;
    throw new StepError('Transformation', 'FunctionFailed', { message: cause.message, cause });
  }
}

/** A definition was valid when it was stored: what is wrong with it now has to be looked at by its user. */
function asDefined<T>(compile: () => T): T {
  try {
    return compile();
  } catch (cause) {
    const isKnown = [MappingError, FunctionError, FilterError].some((known) => cause instanceof known);
    if (!isKnown || !(cause instanceof Error)) throw cause;
    throw new StepError('Transformation', 'InvalidDefinition', {
      message: `${cause.message}; review the pipeline and update it`,
      cause,
    });
  }
}
