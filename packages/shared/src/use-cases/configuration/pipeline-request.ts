import { findConnector } from '@penstock/connectors';
import { AppError, DEFAULT_CURSOR_OVERLAP_MS, type ErrorDetail, type PipelineDefinition } from '@penstock/domain';
import { parseSchema, typeToJson } from '@penstock/language';
import { pipelineMembers } from '../../contracts/pipelines.js';
import { refuse } from '../../contracts/violations.js';
import type { ConnectionRow } from '../../repositories/connections.js';
import type { PipelineSettings } from '../../repositories/pipelines.js';
import { type Draft, readDraft } from './pipeline-rules/draft.js';
import { importRules, type PipelineMembers } from './pipeline-rules/import-rules.js';

const THIS_VERSION =
  'this version runs pipelines that import users from a database (a Source connection of type Database, target User)';

/** What a valid request defines. */
export interface DefinedPipeline {
  readonly settings: PipelineSettings;
  readonly definition: PipelineDefinition;
}

/** What is wrong with the kind of a pipeline, which its connection and target decide. */
export function kindViolations(connection: ConnectionRow, target: string): ErrorDetail[] {
  if (connection.role !== 'Source') return [{ path: 'connection', message: `is a destination: ${THIS_VERSION}` }];
  const { type } = findConnector(connection.connector);
  if (type !== 'Database') return [{ path: 'connection', message: `is of type ${type}: ${THIS_VERSION}` }];
  return target === 'User' ? [] : [{ path: 'target', message: `must be "User": ${THIS_VERSION}` }];
}

/**
 * Checks the definition of a pipeline whose kind is known.
 * @param more what is wrong with members that the caller knows
 * @throws AppError BadRequest with all violations; UnsupportedLanguage when a function is the only thing that stands in the way
 */
export function definePipeline(body: unknown, profileSchema: unknown, more: readonly ErrorDetail[]): DefinedPipeline {
  const draft = readDraft(pipelineMembers, body);
  const violations = [...more, ...draft.violations, ...importRules(draft, body, profileSchema)];
  if (violations.length > 0) throw refuse(violations);
  if (draft.members.transformation?.function) throw new AppError('UnsupportedLanguage');
  return toDefinition(complete(draft));
}

/** Without violations every member has been read. */
function complete({ members }: Draft<PipelineMembers>): PipelineMembers {
  return members as PipelineMembers;
}

function toDefinition(members: PipelineMembers): DefinedPipeline {
  const { name, enabled, incremental, cursorOverlapSeconds, maxRemovedShare } = members;
  const cursorOverlapMs = cursorOverlapSeconds == null ? DEFAULT_CURSOR_OVERLAP_MS : cursorOverlapSeconds * 1000;
  return {
    settings: { name, enabled, incremental, cursorOverlapMs, maxRemovedShare: maxRemovedShare ?? null },
    definition: {
      kind: 'import-from-database',
      query: members.query,
      userIDColumn: members.userIDColumn,
      updatedAtColumn: members.updatedAtColumn,
      updatedAtFormat: members.updatedAtFormat,
      // Stored as the parser understood them, so that the same schema written otherwise is no change.
      inSchema: typeToJson(parseSchema(members.inSchema)),
      outSchema: typeToJson(parseSchema(members.outSchema)),
      transformation: { mapping: { ...members.transformation.mapping } },
    },
  };
}
