import type { ObjectType } from '../types/type.js';
import type { Value } from '../values/value.js';
import { compileDescent, conditionPosition } from './condition-reader.js';
import type { Filter, FilterCondition } from './filter.js';
import { compileValueTest } from './value-test.js';

/** Whether a row meets a filter. */
export type RowPredicate = (row: readonly Value[]) => boolean;

/**
 * Compiles a filter into a predicate over rows, which hold the values of the schema's top-level properties by position in their
 * canonical form. A position that is undefined is a property that is missing, which `exists` and `is null` tell from null. Texts
 * are ordered by code point, numbers by their exact value. The predicate never throws. Throws PathNotExistError when the
 * filter was checked against another schema, which lacks a property.
 */
export function compileFilter({ logical, conditions }: Filter, schema: ObjectType): RowPredicate {
  const predicates = conditions.map((condition) => compileCondition(condition, schema));
  return logical === 'and' ? every(predicates) : some(predicates);
}

function compileCondition(condition: FilterCondition, schema: ObjectType): RowPredicate {
  const position = conditionPosition(condition, schema);
  const test = compileValueTest(condition);
  const descend = compileDescent(condition);
  if (descend === undefined) return (row) => test(row[position]);
  return (row) => {
    const value = row[position];
    return test(value === undefined ? undefined : descend(value));
  };
}

/** Two or three conditions are what filters have; a loop costs more than they do. */
function every(predicates: readonly RowPredicate[]): RowPredicate {
  const [first, second, third, ...more] = predicates;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (third === undefined) return (row) => first(row) && second(row);
  if (more.length === 0) return (row) => first(row) && second(row) && third(row);
  const rest = every(more);
  return (row) => first(row) && second(row) && third(row) && rest(row);
}

function some(predicates: readonly RowPredicate[]): RowPredicate {
  const [first, second, third, ...more] = predicates;
  if (first === undefined) return () => false;
  if (second === undefined) return first;
  if (third === undefined) return (row) => first(row) || second(row);
  if (more.length === 0) return (row) => first(row) || second(row) || third(row);
  const rest = some(more);
  return (row) => first(row) || second(row) || third(row) || rest(row);
}
