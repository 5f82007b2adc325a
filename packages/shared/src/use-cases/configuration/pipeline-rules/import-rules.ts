import type { ErrorDetail } from '@penstock/domain';
import { type ObjectType, parseSchema } from '@penstock/language';
import type { z } from 'zod';
import type { pipelineMembers } from '../../../contracts/pipelines.js';
import { columnRules } from './column-rules.js';
import type { Draft } from './draft.js';
import { foreignMembers } from './foreign-members.js';
import { columnSchemaRules, profileSchemaRules, readSchema } from './schema-rules.js';
import { alignmentRules, mappingRules, transformationRules } from './transformation-rules.js';

export type PipelineMembers = z.output<typeof pipelineMembers>;

/**
 * Everything that is wrong with the definition of a pipeline that imports users from a database, as far as the members that
 * could be read tell. `profileSchema` is the JSON of the workspace's.
 */
export function importRules(draft: Draft<PipelineMembers>, body: unknown, profileSchema: unknown): ErrorDetail[] {
  const { members } = draft;
  const input = schemaMember('inSchema', draft, columnSchemaRules);
  const output = schemaMember('outSchema', draft, outputRules(parseSchema(profileSchema)));
  const { userIDColumn, updatedAtColumn, updatedAtFormat, incremental, transformation } = members;
  const mapping = transformation?.function ? undefined : transformation?.mapping;
  const columns = [userIDColumn, updatedAtColumn].filter((column) => typeof column === 'string');
  const schemas = { inSchema: input.schema, outSchema: output.schema };
  return [
    ...foreignMembers(body),
    ...input.violations,
    ...output.violations,
    ...columnRules({ userIDColumn, updatedAtColumn, updatedAtFormat, incremental }, input.schema),
    ...(transformation ? transformationRules(transformation) : []),
    ...(mapping ? mappingRules(mapping, schemas, columns) : []),
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
