import type { Kind } from '../types/type.js';
import type { FilterOperator } from './filter.js';

/** Operators that take the same values and apply to the same kinds. */
export type OperatorFamily =
  | 'equality'
  | 'order'
  | 'range'
  | 'substring'
  | 'choice'
  | 'affix'
  | 'instant'
  | 'truth'
  | 'emptiness'
  | 'nullness'
  | 'existence';

/** How many values an operator takes; `some` is at least one. */
export type ValueCount = 'none' | 'one' | 'two' | 'some';

const FAMILIES: Readonly<Record<FilterOperator, OperatorFamily>> = {
  is: 'equality',
  'is not': 'equality',
  'is less than': 'order',
  'is less than or equal to': 'order',
  'is greater than': 'order',
  'is greater than or equal to': 'order',
  'is between': 'range',
  'is not between': 'range',
  contains: 'substring',
  'does not contain': 'substring',
  'is one of': 'choice',
  'is not one of': 'choice',
  'starts with': 'affix',
  'ends with': 'affix',
  'is before': 'instant',
  'is on or before': 'instant',
  'is after': 'instant',
  'is on or after': 'instant',
  'is true': 'truth',
  'is false': 'truth',
  'is empty': 'emptiness',
  'is not empty': 'emptiness',
  'is null': 'nullness',
  'is not null': 'nullness',
  exists: 'existence',
  'does not exist': 'existence',
};

const NUMBERS: readonly Kind[] = ['int', 'float', 'decimal'];
const INSTANTS: readonly Kind[] = ['year', 'datetime', 'date', 'time'];

/** The kinds that a family applies to. Null and existence are a matter of the property, not of its kind. */
export const FAMILY_KINDS: Readonly<Record<Exclude<OperatorFamily, 'nullness' | 'existence'>, readonly Kind[]>> = {
  equality: ['string', ...NUMBERS, ...INSTANTS, 'uuid', 'ip', 'json'],
  order: ['string', ...NUMBERS, 'json'],
  range: ['string', ...NUMBERS, ...INSTANTS, 'json'],
  substring: ['string', 'json', 'array'],
  choice: ['string', ...NUMBERS, ...INSTANTS, 'json'],
  affix: ['string', 'json'],
  instant: [...INSTANTS, 'json'],
  truth: ['boolean', 'json'],
  emptiness: ['string', 'json', 'array', 'object', 'map'],
};

/** Whose text says which values are allowed can be compared with one of them, but has no order and no parts. */
export const ENUMERATION_FAMILIES: readonly OperatorFamily[] = ['equality', 'choice', 'substring', 'emptiness'];

const NEGATIONS = {
  'is not': 'is',
  'is not between': 'is between',
  'does not contain': 'contains',
  'is not one of': 'is one of',
  'is not empty': 'is empty',
  'is not null': 'is null',
  'does not exist': 'exists',
} as const;

type NegativeOperator = keyof typeof NEGATIONS;

/** The operators that are not the plain negation of another. (`is false` is none: a null is neither true nor false.) */
export type PositiveOperator = Exclude<FilterOperator, NegativeOperator>;

export function operatorFamily(operator: FilterOperator): OperatorFamily {
  return FAMILIES[operator];
}

export function valueCount(operator: FilterOperator): ValueCount {
  switch (FAMILIES[operator]) {
    case 'range':
      return 'two';
    case 'choice':
      return 'some';
    case 'truth':
    case 'emptiness':
    case 'nullness':
    case 'existence':
      return 'none';
    default:
      return 'one';
  }
}

/** Takes the negation off an operator: a negative one holds exactly where the positive one does not, so also for null. */
export function splitNegation(operator: FilterOperator): { positive: PositiveOperator; isNegated: boolean } {
  if (isNegative(operator)) return { positive: NEGATIONS[operator], isNegated: true };
  return { positive: operator, isNegated: false };
}

function isNegative(operator: FilterOperator): operator is NegativeOperator {
  return Object.hasOwn(NEGATIONS, operator);
}
