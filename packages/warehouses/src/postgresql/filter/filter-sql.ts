import {
  type Filter,
  type FilterCondition,
  type Kind,
  leafProperties,
  type PositiveOperator,
  splitNegation,
} from '@penstock/language';
import { quoteIdentifier } from '@penstock/postgresql';
import { type OperandSql, SqlParameters } from './sql-parameters.js';
import { valueSql } from './value-sql.js';

/** A condition of a statement. Its parameters are texts and arrays of texts. */
export interface FilterSql {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * Writes a filter as SQL over the columns of identities or profiles, in parentheses: true for exactly the rows that the compiled
 * predicate accepts, false or null for the others. `columnOf` gives the name of the column of a property that is not an object;
 * `firstParameter` is the number of its first parameter. A column cannot tell null from missing: what is null does not exist.
 * An object exists where one of its columns has a value. Json properties, which exports refuse, throw a TypeError, and so does
 * the emptiness of objects.
 */
export function filterSql(filter: Filter, columnOf: (path: string) => string, firstParameter = 1): FilterSql {
  const parameters = new SqlParameters(firstParameter);
  return { text: filterCondition(filter, columnOf, parameters), values: parameters.values };
}

/** The condition of {@link filterSql}, its operands as `operands` make them. */
export function filterCondition(filter: Filter, columnOf: (path: string) => string, operands: OperandSql): string {
  const columnSql = (path: string): string => quoteIdentifier(columnOf(path));
  const conditions = filter.conditions.map((condition) => `(${conditionSql(condition, columnSql, operands)})`);
  return `(${conditions.join(filter.logical === 'and' ? ' AND ' : ' OR ')})`;
}

type ColumnSql = (path: string) => string;

/** A negative operator holds wherever the positive one does not, also for null. */
function conditionSql(condition: FilterCondition, columnSql: ColumnSql, parameters: OperandSql): string {
  const { positive, isNegated } = splitNegation(condition.operator);
  const sql = positiveSql({ ...condition, operator: positive }, columnSql, parameters);
  return isNegated ? `(${sql}) IS NOT TRUE` : sql;
}

function positiveSql(
  condition: FilterCondition & { readonly operator: PositiveOperator },
  columnSql: ColumnSql,
  parameters: OperandSql,
): string {
  const { type, operator, operands } = condition;
  const path = condition.path.join('.');
  if (type.kind === 'json') throw new TypeError(`filters in the warehouse do not support json properties: ${path}`);
  switch (operator) {
    case 'is null':
      return columnsOf(condition, columnSql)
        .map((column) => `${column} IS NULL`)
        .join(' AND ');
    case 'exists':
      return columnsOf(condition, columnSql)
        .map((column) => `${column} IS NOT NULL`)
        .join(' OR ');
    case 'is empty':
      return emptinessSql(condition, columnSql);
    default:
      return valueSql({ sql: columnSql(path), type }, { operator, operands }, parameters);
  }
}

/** The columns of a property: one, or of an object those of its leaves. */
function columnsOf({ path, type }: FilterCondition, columnSql: ColumnSql): string[] {
  const prefix = path.join('.');
  if (type.kind !== 'object') return [columnSql(prefix)];
  return leafProperties(type).map((leaf) => columnSql(`${prefix}.${leaf.path}`));
}

function emptinessSql({ path, type }: FilterCondition, columnSql: ColumnSql): string {
  const emptyValue = EMPTY_VALUES[type.kind];
  if (emptyValue === undefined) {
    throw new TypeError(`filters in the warehouse have no emptiness of ${type.kind} properties: ${path.join('.')}`);
  }
  const column = columnSql(path.join('.'));
  return `${column} IS NULL OR ${column} = '${emptyValue}'`;
}

/** What is empty, without being null, as the columns of a kind write it. */
const EMPTY_VALUES: Readonly<Partial<Record<Kind, string>>> = { string: '', array: '{}', map: '{}' };
