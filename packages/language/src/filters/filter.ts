import type { Type } from '../types/type.js';
import type { Value } from '../values/value.js';

/** The operators of filter conditions, by the texts that they have in JSON. */
export const FILTER_OPERATORS = [
  'is',
  'is not',
  'is less than',
  'is less than or equal to',
  'is greater than',
  'is greater than or equal to',
  'is between',
  'is not between',
  'contains',
  'does not contain',
  'is one of',
  'is not one of',
  'starts with',
  'ends with',
  'is before',
  'is on or before',
  'is after',
  'is on or after',
  'is true',
  'is false',
  'is empty',
  'is not empty',
  'is null',
  'is not null',
  'exists',
  'does not exist',
] as const;

export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** A filter as it is written: conditions of which all or at least one must hold. Values are text, whatever the property's kind. */
export interface FilterDefinition {
  readonly logical: 'and' | 'or';
  readonly conditions: readonly FilterConditionDefinition[];
}

export interface FilterConditionDefinition {
  /** Path of a property; it may go on below a json property. */
  readonly property: string;
  readonly operator: FilterOperator;
  /** Absent where the operator takes none. */
  readonly values?: readonly string[];
}

/** What a filter is for; decides which properties it may use. */
export type FilterUse = 'import' | 'export' | 'events';

/** A filter that has been checked against a schema; its values are read. */
export interface Filter {
  readonly logical: 'and' | 'or';
  readonly conditions: readonly FilterCondition[];
  /** The properties that it reads, without the keys below json, sorted, each once. */
  readonly inPaths: readonly string[];
}

export interface FilterCondition {
  /** Names from the top-level property to the one that is looked at. */
  readonly path: readonly string[];
  /** Keys below a json property; empty for other kinds. */
  readonly jsonKeys: readonly string[];
  readonly type: Type;
  readonly operator: FilterOperator;
  /**
   * Canonical values of the property's kind (of the element's, for arrays); of json the text as it is written. They need not be
   * values that the property can hold: an integer too large for a number is decimal text, whatever the bit size. Decimals have
   * no zeros at the end of their fraction.
   */
  readonly operands: readonly Value[];
}
