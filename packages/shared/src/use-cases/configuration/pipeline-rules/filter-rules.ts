import type { DatabaseExportDefinition, ErrorDetail } from '@penstock/domain';
import { FilterError, type FilterUse, filterToJson, type ObjectType, parseFilter } from '@penstock/language';
import { type Findings, NO_FINDINGS } from './findings.js';

type FilterJson = Readonly<Record<string, unknown>> | null | undefined;

/** Rules for a filter, as far as the schema is known that it is about. */
export function filterRules(filter: FilterJson, inSchema: ObjectType | undefined, use: FilterUse): Findings {
  if (filter == null || inSchema === undefined) return NO_FINDINGS;
  try {
    const { conditions } = filterToJson(parseFilter(filter, inSchema, use));
    return { ...NO_FINDINGS, inPaths: conditions.map(({ property }) => property) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { ...NO_FINDINGS, violations: filterViolations(error), inPaths: namedPaths(filter) };
  }
}

/** What is wrong with a filter in a member or parameter `filter`. */
export function filterViolations({ violations }: FilterError): ErrorDetail[] {
  return violations.map(({ path, message }) => ({ path: path === '' ? 'filter' : `filter.${path}`, message }));
}

/** What a filter uses that is wrong elsewhere: it would be odd to be told that nothing uses it. */
function namedPaths({ conditions }: NonNullable<FilterJson>): string[] {
  if (!Array.isArray(conditions)) return [];
  return conditions.flatMap((condition: unknown) => {
    const property = (condition as { readonly property?: unknown } | null)?.property;
    return typeof property === 'string' ? [property] : [];
  });
}

/** Stored as the parser understood it, so that the same filter written otherwise is no change. */
export function storedFilter(
  filter: FilterJson,
  inSchema: ObjectType,
  use: FilterUse,
): DatabaseExportDefinition['filter'] {
  if (filter == null) return null;
  const { logical, conditions } = filterToJson(parseFilter(filter, inSchema, use));
  return {
    logical,
    conditions: conditions.map(({ property, operator, values }) => ({
      property,
      operator,
      ...(values && { values: [...values] }),
    })),
  };
}
