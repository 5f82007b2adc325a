import { isDeepStrictEqual } from 'node:util';
import { findConnector } from '@penstock/connectors';
import {
  DEFAULT_CURSOR_OVERLAP_MS,
  type ErrorDetail,
  type PipelineDefinition,
  type PipelineKind,
} from '@penstock/domain';
import { parseSchema, typeToJson } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import type { ConnectionRow } from '../../repositories/connections.js';
import type { PipelineSettings } from '../../repositories/pipelines.js';
import type { Dependencies } from '../dependencies.js';
import { type Draft, readDraft } from './pipeline-rules/draft.js';
import type { CommonMembers, ImportKind } from './pipeline-rules/import-kind.js';
import { importKind } from './pipeline-rules/import-kinds.js';
import { importRules } from './pipeline-rules/import-rules.js';
import { readTransformation, type TransformationDraft } from './pipeline-rules/transformation-draft.js';
import { tryFunction } from './try-function.js';

const THIS_VERSION =
  'this version runs pipelines that import users (a Source connection of type Database or FileStorage, target User)';

/** What a valid request defines. */
export interface DefinedPipeline {
  readonly settings: PipelineSettings;
  readonly definition: PipelineDefinition;
}

const KIND_OF_TYPE = { Database: 'import-from-database', FileStorage: 'import-from-file' } as const;

/** The kind of the pipelines that import users with a connector. */
export function kindOf(connector: string): PipelineKind {
  return KIND_OF_TYPE[findConnector(connector).type];
}

/** What is wrong with the kind of a pipeline, which its connection and target decide. */
export function kindViolations(connection: ConnectionRow, target: string): ErrorDetail[] {
  if (connection.role !== 'Source') return [{ path: 'connection', message: `is a destination: ${THIS_VERSION}` }];
  return target === 'User' ? [] : [{ path: 'target', message: `must be "User": ${THIS_VERSION}` }];
}

/** What the caller of {@link definePipeline} knows. */
export interface DefinitionScope {
  readonly kind: PipelineKind;
  /** JSON of the workspace's profile schema. */
  readonly profileSchema: unknown;
  /** What is wrong with members that the caller has looked at. */
  readonly violations: readonly ErrorDetail[];
  /** The transformation that the pipeline has: a function that has been tried before is not tried again. */
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
  const kind = importKind(scope.kind);
  const draft = readDraft(kind.membersSchema.omit({ transformation: true }), body) as Draft<CommonMembers>;
  const transformation = readTransformation((body as { readonly transformation?: unknown }).transformation);
  const violations = importRules({ ...draft, kind, transformation, body }, scope.profileSchema);
  const all = [...scope.violations, ...draft.violations, ...violations];
  if (all.length > 0) throw refuse(all);
  const defined = toDefinition(complete(draft), kind, transformation);
  if (!isDeepStrictEqual(programOf(scope.existing), programOf(defined.definition))) {
    await tryFunction(functions, defined.definition, scope.signal);
  }
  return defined;
}

/** Without violations every member has been read. */
function complete({ members }: Draft<CommonMembers>): CommonMembers {
  return members as CommonMembers;
}

function toDefinition(members: CommonMembers, kind: ImportKind, transformation: TransformationDraft): DefinedPipeline {
  const { name, enabled, incremental, cursorOverlapSeconds, maxRemovedShare } = members;
  const inSchema = parseSchema(members.inSchema);
  const cursorOverlapMs = cursorOverlapSeconds == null ? DEFAULT_CURSOR_OVERLAP_MS : cursorOverlapSeconds * 1000;
  return {
    settings: { name, enabled, incremental, cursorOverlapMs, maxRemovedShare: maxRemovedShare ?? null },
    definition: {
      ...kind.define(members, inSchema),
      userIDColumn: members.userIDColumn,
      updatedAtColumn: members.updatedAtColumn,
      updatedAtFormat: members.updatedAtFormat,
      // Stored as the parser understood them, so that the same schema written otherwise is no change.
      inSchema: typeToJson(inSchema),
      outSchema: typeToJson(parseSchema(members.outSchema)),
      transformation: toTransformation(transformation),
    },
  };
}

/** The paths of a function are a set: the same ones in another order are no change. */
function toTransformation({
  mapping,
  function: ofFunction,
}: TransformationDraft): PipelineDefinition['transformation'] {
  if (ofFunction === undefined) return { mapping: { ...mapping?.expressions } };
  const { inPaths, outPaths, ...definition } = ofFunction.definition;
  return { function: { ...definition, inPaths: inPaths.toSorted(), outPaths: outPaths.toSorted() } };
}

function programOf(definition: PipelineDefinition | undefined): unknown {
  if (definition === undefined || !('function' in definition.transformation)) return undefined;
  const { inSchema, outSchema, transformation } = definition;
  return { inSchema, outSchema, transformation };
}
