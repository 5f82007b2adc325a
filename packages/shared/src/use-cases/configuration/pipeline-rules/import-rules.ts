import type { ErrorDetail } from '@penstock/domain';
import { type ObjectType, parseSchema } from '@penstock/language';
import { alignmentRules } from './alignment-rules.js';
import { columnRules } from './column-rules.js';
import type { Draft } from './draft.js';
import { foreignMembers } from './foreign-members.js';
import type { CommonMembers, ImportKind } from './import-kind.js';
import { columnSchemaRules, profileSchemaRules, readSchema } from './schema-rules.js';
import type { TransformationDraft } from './transformation-draft.js';
import { transformationRules } from './transformation-rules.js';

/** What could be read of a request to define a pipeline. */
export interface ImportDraft extends Draft<CommonMembers> {
  readonly kind: ImportKind;
  readonly transformation: TransformationDraft;
  readonly body: unknown;
}

/**
 * Everything that is wrong with the definition of a pipeline that imports users, as far as what could be read tells. `profileSchema` is the JSON of the workspace's.
 */
export function importRules(draft: ImportDraft, profileSchema: unknown): ErrorDetail[] {
  const { kind, members, transformation, body } = draft;
  const input = schemaMember('inSchema', draft, (name, schema) => columnSchemaRules(name, schema, kind));
  const output = schemaMember('outSchema', draft, outputRules(parseSchema(profileSchema)));
  const { userIDColumn, updatedAtColumn, updatedAtFormat, incremental } = members;
  const own = kind.ownRules(members, input.schema);
  const columns = [userIDColumn, updatedAtColumn].filter((column) => typeof column === 'string');
  const schemas = { inSchema: input.schema, outSchema: output.schema };
  return [
    ...foreignMembers(body, kind),
    ...input.violations,
    ...output.violations,
    ...own.violations,
    ...columnRules({ userIDColumn, updatedAtColumn, updatedAtFormat, incremental, kind }, input.schema),
    ...transformationRules(transformation, schemas, [...columns, ...own.usedPaths]),
  ];
}

interface SchemaMember {
  readonly schema: ObjectType | undefined;
  readonly violations: readonly ErrorDetail[];
}

function schemaMember(
  name: 'inSchema' | 'outSchema',
  { members, unreadable }: Draft<CommonMembers>,
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
