import type { ErrorDetail } from '@penstock/domain';
import type { Schemas } from './compile-draft.js';
import { KEY_KINDS } from './export-side.js';
import { type Findings, NO_FINDINGS } from './findings.js';
import { namedColumnRules } from './named-column.js';
import { outPathsOf, type TransformationDraft } from './transformation-draft.js';

/** Rules for the key of a table; what is said of it here is not said again because nothing writes it. */
export function tableKeyRules(
  tableKey: string | undefined,
  { outSchema }: Schemas,
  transformation: TransformationDraft,
): Findings {
  if (tableKey === undefined) return NO_FINDINGS;
  const key = { member: 'tableKey', column: tableKey, kinds: KEY_KINDS, of: 'outSchema' } as const;
  const ofColumn = namedColumnRules(key, outSchema);
  return {
    violations: ofColumn.length > 0 ? ofColumn : writtenRules(tableKey, transformation),
    inPaths: [],
    outPaths: [tableKey],
  };
}

function writtenRules(tableKey: string, transformation: TransformationDraft): ErrorDetail[] {
  const outPaths = outPathsOf(transformation);
  if (outPaths === undefined || outPaths.length === 0) return [];
  const by = transformation.mapping === undefined ? 'function' : 'mapping';
  if (!outPaths.includes(tableKey)) {
    return [{ path: 'tableKey', message: `is not written by the ${by}: every row needs a value for "${tableKey}"` }];
  }
  if (outPaths.length > 1) return [];
  const message = 'writes tableKey only: write at least one other column';
  return [{ path: `transformation.${by}`, message }];
}
