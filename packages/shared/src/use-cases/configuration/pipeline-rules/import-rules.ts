import type { ErrorDetail } from '@penstock/domain';
import { type ObjectType, parseSchema } from '@penstock/language';
import type { z } from 'zod';
import type { pipelineMembers } from '../../../contracts/pipelines.js';
import { alignmentRules } from './alignment-rules.js';
import { columnRules } from './column-rules.js';
import type { Draft } from './draft.js';
import { foreignMembers } from './foreign-members.js';
import { columnSchemaRules, profileSchemaRules, readSchema } from './schema-rules.js';
import type { TransformationDraft } from './transformation-draft.js';
import { transformationRules } from './transformation-rules.js';

/** The members but the transformation, which is read by parts. */
export type PipelineMembers = Omit<z.output<typeof pipelineMembers>, 'transformation'>;

/** What could be read of a request to define a pipeline. */
export interface ImportDraft extends Draft<PipelineMembers> {
  readonly transformation: TransformationDraft;
  readonly body: unknown;
}

/**
 * Everything that is wrong with the definition of a pipeline that imports users from a database, as far as what could be read
 * tells. `profileSchema` is the JSON of the workspace's.
 */
export function importRules(draft: ImportDraft, profileSchema: unknown): ErrorDetail[] {
  const { members, transformation, body } = draft;
  const input = schemaMember('inSchema', draft, columnSchemaRules);
  const output = schemaMember('outSchema', draft, outputRules(parseSchema(profileSchema)));
  const { userIDColumn, updatedAtColumn, updatedAtFormat, incremental } = members;
  const columns = [userIDColumn, updatedAtColumn].filter((column) => typeof column === 'string');
  const schemas = { inSchema: input.schema, outSchema: output.schema };
  return [
    ...foreignMembers(body),
    ...input.violations,
    ...output.violations,
    ...columnRules({ userIDColumn, updatedAtColumn, updatedAtFormat, incremental }, input.schema),
    ...transformationRules(transformation, schemas, columns),
  ];
}

interface SchemaMember {
  readonly schema: ObjectType | undefined;
  readonly violations: readonly ErrorDetail[];
}

function schemaMember(
  name: 'inSchema' | 'outSchema',
  { members, unreadable }: Draft<PipelineMembers>,
  rules: (name: string, schema: ObjectType) => ErrorDetail[],
): SchemaMember {
  // What is no schema at all has been reported with the forms.
  if (unreadable.has(name)) return { schema: undefined, violations: [] };
  const { schema, violations } = readSchema(name, members[name]);
  return { schema, violations: schema === undefined ? violations : rules(name, schema) };
}

function outputRules(profileSchema: ObjectType) {
  return (name: string, schema: ObjectType): ErrorDetail[] => [
    ...profileSchemaRules(name, schema),
    ...alignmentRules(schema, profileSchema),
  ];
}
