import type { ErrorDetail, TransformationDefinition } from '@penstock/domain';
import { compileTransformation, type Transformation } from '@penstock/engine';
import {
  ExpressionError,
  FunctionError,
  MappingError,
  type ObjectType,
  type Purpose,
  parseExpression,
} from '@penstock/language';
import { pathText } from '../../../contracts/violations.js';
import { schemaOfPaths } from './schema-of-paths.js';
import type { TransformationDraft } from './transformation-draft.js';

/** The schemas of a transformation; undefined when their JSON is not valid. */
export interface Schemas {
  readonly inSchema: ObjectType | undefined;
  readonly outSchema: ObjectType | undefined;
}

export interface CompiledDraft {
  /** Absent when something is wrong with it. */
  readonly transformation?: Transformation;
  readonly violations: readonly ErrorDetail[];
}

/**
 * Compiles what could be read of a transformation, as far as its schemas are known: without one of them everything that it
 * would decide is taken for right.
 */
export function compileDraft(draft: TransformationDraft, schemas: Schemas, purpose: Purpose): CompiledDraft {
  const definition = definitionOf(draft, schemas);
  if (definition === undefined) return { violations: [] };
  const syntax = schemas.inSchema === undefined ? syntaxErrors(draft) : [];
  const [inPaths, outPaths] = pathsOf(definition);
  const { inSchema = schemaOfPaths(inPaths), outSchema = schemaOfPaths(outPaths) } = schemas;
  try {
    return { transformation: compileTransformation(definition, { inSchema, outSchema, purpose }), violations: syntax };
  } catch (error) {
    if (!(error instanceof MappingError) && !(error instanceof FunctionError)) throw error;
    return { violations: [...syntax, ...error.violations.filter(({ path }) => !isReported(draft, path))] };
  }
}

function definitionOf({ mapping, function: ofFunction }: TransformationDraft, { inSchema }: Schemas) {
  if (ofFunction !== undefined) return { function: functionOf(ofFunction.definition) };
  if (mapping === undefined) return undefined;
  const expressions = Object.entries(mapping.expressions);
  // Expressions that are no texts have been reported; a mapping of only such is not empty.
  if (expressions.length === 0 && mapping.outPaths.length > 0) return undefined;
  // Without a schema nothing is known of what expressions read; the paths that they write can still be looked at.
  if (inSchema === undefined) return { mapping: Object.fromEntries(expressions.map(([path]) => [path, 'null'])) };
  return { mapping: { ...mapping.expressions } };
}

function syntaxErrors({ mapping }: TransformationDraft): ErrorDetail[] {
  return Object.entries(mapping?.expressions ?? {}).flatMap(([outPath, text]) => {
    try {
      parseExpression(text);
      return [];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const path = pathText(['transformation', 'mapping', outPath]);
      return [{ path, message: error.message, position: error.position }];
    }
  });
}

function functionOf({ inPaths, outPaths, ...definition }: NonNullable<TransformationDraft['function']>['definition']) {
  return { ...definition, inPaths: [...inPaths], outPaths: [...outPaths] };
}

function pathsOf(definition: TransformationDefinition): [inPaths: readonly string[], outPaths: readonly string[]] {
  if ('mapping' in definition) return [[], Object.keys(definition.mapping)];
  return [definition.function.inPaths, definition.function.outPaths];
}

/** Whether a finding is about a member that could not be read, which has been said. */
function isReported(draft: TransformationDraft, path: string): boolean {
  const member = /^transformation\.function\.(\w+)/.exec(path)?.[1];
  return member !== undefined && draft.function?.unreadable.has(member) === true;
}
