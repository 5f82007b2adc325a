import type { ErrorDetail } from '@penstock/domain';
import { compiledOf } from '@penstock/engine';
import type { ObjectType, Purpose } from '@penstock/language';
import { compileDraft, type Schemas } from './compile-draft.js';
import type { Findings } from './findings.js';
import { outPathsOf, type TransformationDraft } from './transformation-draft.js';
import { unusedProperties } from './unused-properties.js';

/** Rules for a transformation; `used` are properties that the pipeline uses besides it. */
export function transformationRules(
  draft: TransformationDraft,
  { purpose, ...schemas }: Schemas & { readonly purpose: Purpose },
  used: Pick<Findings, 'inPaths' | 'outPaths'>,
): ErrorDetail[] {
  const { transformation, violations } = compileDraft(draft, schemas, purpose);
  return [
    ...draft.violations,
    ...violations,
    // What a transformation reads is only known when all of it could be read, with the schema of what it reads.
    ...(transformation && draft.violations.length === 0 && schemas.inSchema
      ? inputRules(compiledOf(transformation).inPaths, schemas.inSchema, used.inPaths)
      : []),
    ...outputRules(draft, schemas.outSchema, used.outPaths),
  ];
}

function inputRules(inPaths: readonly string[], inSchema: ObjectType, used: readonly string[]): ErrorDetail[] {
  const what = 'is not used by anything: leave it out';
  return [...(inPaths.length === 0 ? [CONSTANT] : []), ...unused('inSchema', inSchema, [...inPaths, ...used], what)];
}

const CONSTANT: ErrorDetail = { path: 'transformation.mapping', message: 'must use at least one property of inSchema' };

function outputRules(
  draft: TransformationDraft,
  outSchema: ObjectType | undefined,
  used: readonly string[],
): ErrorDetail[] {
  const outPaths = outPathsOf(draft);
  // One that writes nothing at all is told just that.
  if (outSchema === undefined || outPaths === undefined || outPaths.length === 0) return [];
  const what =
    draft.mapping === undefined
      ? 'is not written by the function: leave it out, or add it to outPaths'
      : 'is not written by the mapping: leave it out';
  return unused('outSchema', outSchema, [...outPaths, ...used], what);
}

/** What nobody uses would have to be there in every run all the same. */
function unused(name: string, schema: ObjectType, used: readonly string[], what: string): ErrorDetail[] {
  return unusedProperties(schema, used).map((path) => ({ path: name, message: `property "${path}" ${what}` }));
}
