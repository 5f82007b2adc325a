import { PathNotExistError, parsePropertyPath, propertyAt } from '../types/property-path.js';
import type { ObjectType } from '../types/type.js';
import type { Value } from '../values/value.js';
import { FILTER_OPERATORS, type FilterCondition, type FilterOperator, type FilterUse } from './filter.js';
import { readFields, type Violations } from './filter-fields.js';
import { type ConditionTarget, operatorRefusal } from './operator-refusal.js';
import { parseOperands } from './parse-operands.js';

/** What conditions are checked against. */
export interface FilterContext {
  readonly schema: ObjectType;
  readonly use: FilterUse;
}

interface ResolvedTarget extends ConditionTarget {
  readonly path: readonly string[];
}

const KEYS = ['property', 'operator', 'values'];

/** Reads one condition. What is wrong with it is added to `violations`, and then the result is undefined. */
export function parseCondition(
  json: unknown,
  context: FilterContext,
  violations: Violations,
): FilterCondition | undefined {
  const fields = readFields(json, KEYS, violations);
  if (fields === undefined) return undefined;
  const target = parseTarget(fields.get('property'), context, violations.at('property'));
  const operator = parseOperator(fields.get('operator'), violations.at('operator'));
  const applies = operator !== undefined && target !== undefined && isApplicable(operator, target, context, violations);
  const operands = parseOperands(
    { json: fields.get('values'), operator, target: applies ? target : undefined },
    violations.at('values'),
  );
  if (target === undefined || operator === undefined || operands === undefined) return undefined;
  return condition(target, operator, operands);
}

function condition(target: ResolvedTarget, operator: FilterOperator, operands: readonly Value[]): FilterCondition {
  return { path: target.path, jsonKeys: target.jsonKeys, type: target.property.type, operator, operands };
}

function isApplicable(
  operator: FilterOperator,
  target: ResolvedTarget,
  { use }: FilterContext,
  violations: Violations,
): boolean {
  const refusal = operatorRefusal(operator, target, use);
  if (refusal !== undefined) violations.at('operator').add(refusal);
  return refusal === undefined;
}

function parseOperator(json: unknown, violations: Violations): FilterOperator | undefined {
  const operator = FILTER_OPERATORS.find((candidate) => candidate === json);
  if (operator === undefined) {
    violations.add(typeof json === 'string' ? `operator ${JSON.stringify(json)} is not valid` : 'operator is missing');
  }
  return operator;
}

function parseTarget(
  json: unknown,
  { schema, use }: FilterContext,
  violations: Violations,
): ResolvedTarget | undefined {
  const names = typeof json === 'string' ? parsePropertyPath(json) : undefined;
  if (names === undefined) {
    violations.add('property path is not valid');
    return undefined;
  }
  const target = resolveTarget(names, schema);
  if (typeof target === 'string') {
    violations.add(target);
    return undefined;
  }
  if (use !== 'export' || target.property.type.kind !== 'json') return target;
  violations.add(`property "${target.path.join('.')}" has type json, which is not supported in data warehouse exports`);
  return undefined;
}

/** Finds the property that a path leads to, through objects and then below json, or says that it does not exist. */
function resolveTarget(names: readonly string[], schema: ObjectType): ResolvedTarget | string {
  for (const length of names.keys()) {
    const path = names.slice(0, length + 1);
    try {
      const property = propertyAt(schema, path.join('.'));
      const jsonKeys = names.slice(length + 1);
      if (property.type.kind === 'json' || jsonKeys.length === 0) return { property, path, jsonKeys };
    } catch (error) {
      if (error instanceof PathNotExistError) return error.message;
      throw error;
    }
  }
  return 'property path is not valid';
}
