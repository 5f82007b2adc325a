import type { Filter, FilterCondition, FilterConditionDefinition, FilterDefinition } from './filter.js';
import { operandText } from './operand.js';

/** The filter as it is written, its values in their canonical texts: parsed again, it gives an equal filter. */
export function filterToJson({ logical, conditions }: Filter): FilterDefinition {
  return { logical, conditions: conditions.map(conditionToJson) };
}

function conditionToJson({ path, jsonKeys, type, operator, operands }: FilterCondition): FilterConditionDefinition {
  const property = [...path, ...jsonKeys].join('.');
  if (operands.length === 0) return { property, operator };
  const operandType = type.kind === 'array' ? type.elementType : type;
  return { property, operator, values: operands.map((operand) => operandText(operand, operandType)) };
}
