import { type ImportDefinition, StepError, type TransformationDefinition } from '@penstock/domain';
import {
  type CompiledFunction,
  type CompiledMapping,
  compileFilter,
  compileFunction,
  compileMapping,
  FilterError,
  FunctionError,
  MappingError,
  type ObjectType,
  type Purpose,
  parseFilter,
  parseSchema,
  type Value,
} from '@penstock/language';
import { alignOutput } from './drift.js';
import { type OutputLeaves, outputLeaves } from './output-leaves.js';

/** How records become what is written: by expressions, or by a function that runs in a sandbox. */
export type Transformation =
  | { readonly by: 'mapping'; readonly mapping: CompiledMapping }
  | { readonly by: 'function'; readonly function: CompiledFunction };

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
export function compileImportPlan(definition: ImportDefinition, profileSchema: ObjectType): ImportPlan {
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
  transformation: TransformationDefinition,
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

/** A definition was valid when it was stored: what is wrong with it now has to be looked at by its user. */
export function asDefined<T>(compile: () => T): T {
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
