import type { ObjectType } from '../types/type.js';
import type { Filter, FilterCondition, FilterUse } from './filter.js';
import { FilterError } from './filter-error.js';
import { readFields, Violations } from './filter-fields.js';
import { type FilterContext, parseCondition } from './parse-condition.js';

const MAX_CONDITIONS = 100;
const KEYS = ['logical', 'conditions'];

/**
 * Reads the JSON of a filter strictly and checks it against the schema of the records. At most 100 conditions, and 1,000 values
 * in each. Throws {@link FilterError} with all that is wrong.
 */
export function parseFilter(json: unknown, schema: ObjectType, use: FilterUse): Filter {
  const violations = new Violations();
  const fields = readFields(json, KEYS, violations);
  const logical = fields && parseLogical(fields.get('logical'), violations.at('logical'));
  const conditions = fields && parseConditions(fields.get('conditions'), { schema, use }, violations.at('conditions'));
  if (violations.found.length > 0 || logical === undefined || conditions === undefined) {
    throw new FilterError(violations.found);
  }
  return { logical, conditions, inPaths: inPaths(conditions) };
}

function parseLogical(json: unknown, violations: Violations): Filter['logical'] | undefined {
  if (json === 'and' || json === 'or') return json;
  violations.add(`invalid logical operator ${typeof json === 'string' ? JSON.stringify(json) : '""'}`);
  return undefined;
}

function parseConditions(json: unknown, context: FilterContext, violations: Violations): readonly FilterCondition[] {
  const list = readList(json, violations);
  return list.flatMap((item: unknown, index) => parseCondition(item, context, violations.at(index)) ?? []);
}

function readList(json: unknown, violations: Violations): readonly unknown[] {
  if (json !== undefined && json !== null && !Array.isArray(json)) violations.add('conditions must be an array');
  else if (!Array.isArray(json) || json.length === 0) violations.add('conditions are missing');
  else if (json.length > MAX_CONDITIONS) violations.add('a filter can have at most 100 conditions');
  else return json;
  return [];
}

function inPaths(conditions: readonly FilterCondition[]): readonly string[] {
  return [...new Set(conditions.map(({ path }) => path.join('.')))].sort();
}
