import { isDeepStrictEqual } from 'node:util';
import { findConnector } from '@penstock/connectors';
import type { ErrorDetail, PipelineDefinition, PipelineKind } from '@penstock/domain';
import { refuse } from '../../contracts/violations.js';
import type { ConnectionRow } from '../../repositories/connections.js';
import type { Dependencies } from '../dependencies.js';
import type { DefinedPipeline } from './pipeline-rules/pipeline-kind.js';
import { KIND_OF_CONNECTION, PIPELINE_RULES } from './pipeline-rules/pipeline-kinds.js';
import { tryFunction } from './try-function.js';

/** The kind of the pipelines of users that a connection has. */
export function kindOf({ connector, role }: Pick<ConnectionRow, 'connector' | 'role'>): PipelineKind {
  return KIND_OF_CONNECTION[findConnector(connector).type][role];
}

/** What is wrong with the target of a pipeline. */
export function targetViolations(target: string | undefined): ErrorDetail[] {
  if (target === undefined || target === 'User') return [];
  return [
    { path: 'target', message: 'must be "User": this version has pipelines that import users or export profiles' },
  ];
}

/** What the caller of {@link definePipeline} knows. */
export interface DefinitionScope {
  readonly kind: PipelineKind;
  /** JSON of the workspace's profile schema. */
  readonly profileSchema: unknown;
  /** What is wrong with members that the caller has looked at. */
  readonly violations: readonly ErrorDetail[];
  /** The definition that the pipeline has: a function that has been tried before is not tried again. */
  readonly existing?: PipelineDefinition;
  readonly signal: AbortSignal;
}

/**
 * Checks the definition of a pipeline whose kind is known. A function is tried in its sandbox.
 * @throws AppError BadRequest with all violations; UnsupportedLanguage or FormatNotExist when nothing else is wrong than that
 *   this installation does not have the language of a function or the format of a file; ServiceUnavailable when a function's turn to be tried does not come.
 */
export async function definePipeline(
  { functions }: Pick<Dependencies, 'functions'>,
  body: unknown,
  scope: DefinitionScope,
): Promise<DefinedPipeline> {
  const { violations, complete } = PIPELINE_RULES[scope.kind].read(body, scope.profileSchema);
  const all = [...scope.violations, ...violations];
  if (all.length > 0) throw refuse(all);
  const defined = complete();
  if (!isDeepStrictEqual(programOf(scope.existing), programOf(defined.definition))) {
    await tryFunction(functions, defined.definition, scope.signal);
  }
  return defined;
}

function programOf(definition: PipelineDefinition | undefined): unknown {
  if (definition === undefined || !('transformation' in definition)) return undefined;
  if (!('function' in definition.transformation)) return undefined;
  const { inSchema, outSchema, transformation } = definition;
  return { inSchema, outSchema, transformation };
}
