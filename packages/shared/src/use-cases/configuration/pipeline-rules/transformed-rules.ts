import type { ErrorDetail } from '@penstock/domain';
import { type Purpose, parseSchema, typeToJson } from '@penstock/language';
import type { Schemas } from './compile-draft.js';
import type { Findings } from './findings.js';
import type { PipelineDraft } from './pipeline-kind.js';
import { type SchemaRules, schemaMember } from './schema-member.js';
import { transformationRules } from './transformation-rules.js';

/** What is particular about a kind whose records are transformed. */
export interface TransformedKind {
  readonly input: SchemaRules;
  readonly output: SchemaRules;
  /** What the transformed records are for. */
  readonly purpose: Purpose;
  /** Rules of the members that only this kind has. */
  own(schemas: Schemas): Findings;
}

interface SchemaMembers {
  readonly inSchema?: unknown;
  readonly outSchema?: unknown;
}

/** Everything that is wrong with a definition that transforms records, as far as what could be read tells. */
export function transformedRules(
  draft: PipelineDraft<SchemaMembers>,
  { input, output, purpose, own }: TransformedKind,
): ErrorDetail[] {
  const read = schemaMember('inSchema', draft, input);
  const written = schemaMember('outSchema', draft, output);
  const schemas = { inSchema: read.schema, outSchema: written.schema };
  const found = own(schemas);
  return [
    ...read.violations,
    ...written.violations,
    ...found.violations,
    ...transformationRules(draft.transformation, { ...schemas, purpose }, found),
  ];
}

/** The schemas as they are stored: as the parser understood them, so that the same ones written otherwise are no change. */
export function storedSchemas({ inSchema, outSchema }: SchemaMembers) {
  return { inSchema: typeToJson(parseSchema(inSchema)), outSchema: typeToJson(parseSchema(outSchema)) };
}
