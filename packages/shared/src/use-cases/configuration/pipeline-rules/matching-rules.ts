import type { ErrorDetail } from '@penstock/domain';
import type { Kind } from '@penstock/language';
import { pathText } from '../../../contracts/violations.js';
import type { Schemas } from './compile-draft.js';
import { KEY_KINDS, namedProperty } from './export-side.js';
import { type Findings, NO_FINDINGS } from './findings.js';
import { outPathsOf, type TransformationDraft } from './transformation-draft.js';

interface Matching {
  readonly in: string;
  readonly out: string;
}

/** Rules for the properties by which profiles and users of an application are matched. */
export function matchingRules(
  matching: Matching | undefined,
  { inSchema, outSchema }: Schemas,
  transformation: TransformationDraft,
): Findings {
  if (matching === undefined) return NO_FINDINGS;
  const input = matched('matching.in', { path: matching.in, schema: inSchema, of: 'inSchema' });
  const output = matched('matching.out', { path: matching.out, schema: outSchema, of: 'outSchema' });
  return {
    violations: [
      ...input.violations,
      ...output.violations,
      ...conversionRules(input.kind, output.kind),
      ...overwriteRules(matching.out, transformation),
    ],
    inPaths: [matching.in],
    outPaths: [matching.out],
  };
}

interface Matched {
  /** Only of one that is allowed. */
  readonly kind?: Kind;
  readonly violations: readonly ErrorDetail[];
}

function matched(member: string, place: Parameters<typeof namedProperty>[0]): Matched {
  const { property, message } = namedProperty(place);
  if (message !== undefined) return { violations: [{ path: member, message }] };
  if (property === undefined) return { violations: [] };
  const { kind } = property.type;
  if (KEY_KINDS.includes(kind)) return { kind, violations: [] };
  return { violations: [{ path: member, message: `must have kind ${KEY_KINDS.join(', ')}; it has ${kind}` }] };
}

/** Text can be compared with both; integers and uuids have no value in common. */
function conversionRules(input: Kind | undefined, output: Kind | undefined): ErrorDetail[] {
  if (input === undefined || output === undefined || input === output) return [];
  if (input === 'string' || output === 'string') return [];
  return [{ path: 'matching', message: `cannot match a property of kind ${input} with one of kind ${output}` }];
}

/** A user that was found by a property keeps it. */
function overwriteRules(out: string, transformation: TransformationDraft): ErrorDetail[] {
  const outPaths = outPathsOf(transformation) ?? [];
  return outPaths
    .filter((path) => `${out}.`.startsWith(`${path}.`))
    .map((path) => ({
      path:
        transformation.mapping === undefined
          ? 'transformation.function.outPaths'
          : pathText(['transformation', 'mapping', path]),
      message: `writes over matching.out: leave "${path}" out, a user gets the property that it is matched by without it`,
    }));
}
