import type { ErrorDetail } from '@penstock/domain';
import { compiledOf } from '@penstock/engine';
import type { ObjectType } from '@penstock/language';
import { compileDraft, type Schemas } from './compile-draft.js';
import type { TransformationDraft } from './transformation-draft.js';
import { unusedProperties } from './unused-properties.js';

/** Rules for a transformation; `columns` are properties of the in schema that the pipeline uses besides it. */
export function transformationRules(
  draft: TransformationDraft,
  schemas: Schemas,
  columns: readonly string[],
): ErrorDetail[] {
  const { transformation, violations } = compileDraft(draft, schemas);
  return [
    ...draft.violations,
    ...violations,
    // What a transformation reads is only known when all of it could be read, with the schema of what it reads.
    ...(transformation && draft.violations.length === 0 && schemas.inSchema
      ? inputRules(compiledOf(transformation).inPaths, schemas.inSchema, columns)
      : []),
    ...outputRules(draft, schemas.outSchema),
  ];
}

function inputRules(inPaths: readonly string[], inSchema: ObjectType, columns: readonly string[]): ErrorDetail[] {
  const what = 'is not used by anything: leave it out';
  return [...(inPaths.length === 0 ? [CONSTANT] : []), ...unused('inSchema', inSchema, [...inPaths, ...columns], what)];
}

const CONSTANT: ErrorDetail = { path: 'transformation.mapping', message: 'must use at least one property of inSchema' };

function outputRules(draft: TransformationDraft, outSchema: ObjectType | undefined): ErrorDetail[] {
  if (outSchema === undefined) return [];
  const { mapping, function: ofFunction } = draft;
  if (mapping !== undefined) {
    // One that writes nothing at all is told just that.
    if (mapping.outPaths.length === 0) return [];
    return unused('outSchema', outSchema, mapping.outPaths, 'is not written by the mapping: leave it out');
  }
  if (ofFunction === undefined || ofFunction.definition.outPaths.length === 0) return [];
  const what = 'is not written by the function: leave it out, or add it to outPaths';
  return unused('outSchema', outSchema, ofFunction.definition.outPaths, what);
}

/** What nobody uses would have to be there in every run all the same. */
function unused(name: string, schema: ObjectType, used: readonly string[], what: string): ErrorDetail[] {
  return unusedProperties(schema, used).map((path) => ({ path: name, message: `property "${path}" ${what}` }));
}
