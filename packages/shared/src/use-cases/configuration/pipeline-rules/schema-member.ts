import type { ErrorDetail } from '@penstock/domain';
import type { ObjectType } from '@penstock/language';
import { alignmentRules } from './alignment-rules.js';
import type { Draft } from './draft.js';
import { profileSchemaRules, readSchema } from './schema-rules.js';

/** What is wrong with a schema that could be read; `name` is the member that holds it. */
export type SchemaRules = (name: string, schema: ObjectType) => ErrorDetail[];

export interface SchemaMember {
  /** Absent when its JSON is not that of a schema. */
  readonly schema: ObjectType | undefined;
  readonly violations: readonly ErrorDetail[];
}

/** Reads a schema in a member of a body and looks at it. */
export function schemaMember(
  name: 'inSchema' | 'outSchema',
  { members, unreadable }: Draft<{ readonly inSchema?: unknown; readonly outSchema?: unknown }>,
  rules: SchemaRules,
): SchemaMember {
  // What is no schema at all has been reported with the forms.
  if (unreadable.has(name)) return { schema: undefined, violations: [] };
  const { schema, violations } = readSchema(name, members[name]);
  return { schema, violations: schema === undefined ? violations : rules(name, schema) };
}

/** Rules for the side of a pipeline that profiles are on: what imports write, and what exports read. */
export function profileSideRules(profileSchema: ObjectType): SchemaRules {
  return (name, schema) => [...profileSchemaRules(name, schema), ...alignmentRules(name, schema, profileSchema)];
}
