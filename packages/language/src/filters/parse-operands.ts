import { exceedsCodePoints } from '../values/text-length.js';
import type { Value } from '../values/value.js';
import type { FilterOperator } from './filter.js';
import type { Violations } from './filter-fields.js';
import { MAX_VALUE_LENGTH, parseOperand } from './operand.js';
import type { ConditionTarget } from './operator-refusal.js';
import { type ValueCount, valueCount } from './operator-rules.js';

const MAX_VALUES = 1000;
const LONE_SURROGATE = /\p{Surrogate}/u;

interface OperandsSource {
  readonly json: unknown;
  /** Undefined when it is not valid. */
  readonly operator: FilterOperator | undefined;
  /** The property, with its path; undefined when the operator does not apply to it, and so no value could be right. */
  readonly target: (ConditionTarget & { readonly path: readonly string[] }) | undefined;
}

/** Reads the values of a condition. What is wrong with them is added to `violations`, and then the result is undefined. */
export function parseOperands(source: OperandsSource, violations: Violations): readonly Value[] | undefined {
  const { operator, target } = source;
  const values = readValues(source.json, violations);
  if (values === undefined || operator === undefined) return undefined;
  const count = valueCount(operator);
  const countRefusal = refusedCount(values, count);
  if (countRefusal !== undefined) violations.add(`${countRefusal} the operator "${operator}"`);
  if (target === undefined || count === 'none') return countRefusal === undefined ? [] : undefined;
  // Thousands of complaints about values help nobody who has too many of them.
  if (values.length > MAX_VALUES) return undefined;
  return everyOperand(values, target, violations);
}

/** The elements of `values`; of a condition without the key there are none. */
function readValues(json: unknown, violations: Violations): readonly unknown[] | undefined {
  if (json === undefined || json === null) return NO_VALUES;
  if (Array.isArray(json)) return json;
  violations.add('values must be an array of strings');
  return undefined;
}

/** Told apart from an empty array, which is refused even where no values are wanted. */
const NO_VALUES: readonly unknown[] = [];

function refusedCount(values: readonly unknown[], count: ValueCount): string | undefined {
  const { length } = values;
  switch (count) {
    case 'none':
      return values === NO_VALUES ? undefined : 'values cannot be used with';
    case 'one':
      return length === 1 ? undefined : 'only one value can be used with';
    case 'two':
      return length === 2 ? undefined : 'two values must be used with';
    case 'some':
      if (length > MAX_VALUES) return 'at most 1,000 values can be used with';
      return length > 0 ? undefined : 'at least one value must be used with';
  }
}

function everyOperand(
  values: readonly unknown[],
  target: NonNullable<OperandsSource['target']>,
  violations: Violations,
): readonly Value[] | undefined {
  const before = violations.found.length;
  const operands: Value[] = [];
  for (const [index, value] of values.entries()) {
    const operand = parseValue(value, target);
    if (operand instanceof Refusal) violations.at(index).add(operand.message);
    else operands.push(operand);
  }
  return violations.found.length === before ? operands : undefined;
}

class Refusal {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function parseValue(
  value: unknown,
  { property, path, jsonKeys }: NonNullable<OperandsSource['target']>,
): Value | Refusal {
  if (typeof value !== 'string') return new Refusal('condition value must be a string');
  const type = property.type.kind === 'array' ? property.type.elementType : property.type;
  const name = [...path, ...jsonKeys].join('.');
  if (type.kind === 'string' && type.values !== undefined) {
    if (type.values.includes(value)) return value;
    return new Refusal(`value of the "${name}" property is not among the allowed values`);
  }
  const refusal = refusedText(value);
  if (refusal !== undefined) return new Refusal(`condition value ${refusal}`);
  return parseOperand(value, type) ?? new Refusal(`value of the "${name}" property is not a valid ${type.kind}`);
}

function refusedText(value: string): string | undefined {
  if (value === '') return 'is empty';
  if (exceedsCodePoints(value, MAX_VALUE_LENGTH)) return 'is longer than 60 runes';
  if (LONE_SURROGATE.test(value)) return 'contains invalid UTF-8 encoded characters';
  return value.includes('\0') ? 'contains the NUL byte' : undefined;
}
