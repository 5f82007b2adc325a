import { type PositiveOperator, parseDecimal, type Type, type Value } from '@penstock/language';
import type { OperandSql } from './sql-parameters.js';
import { operandType, storedOperand } from './stored-operand.js';

/** A column that a condition is about, as SQL, and the type of its values. */
export interface ConditionColumn {
  readonly sql: string;
  readonly type: Type;
}

/** The operators that ask for a value, and not whether there is one. */
export type ValueOperator = Exclude<PositiveOperator, 'is empty' | 'is null' | 'exists'>;

type Comparison = '<' | '<=' | '>' | '>=';

/** Where the operand is between two values that can be stored, and is replaced with the lower one. */
const FLOORED: Readonly<Record<Comparison, Comparison>> = { '<': '<=', '<=': '<=', '>': '>', '>=': '>' };

/** Writes what an operator asks of the value of a column. True exactly where it holds; false or null elsewhere. */
export function valueSql(
  column: ConditionColumn,
  { operator, operands }: { operator: ValueOperator; operands: readonly Value[] },
  parameters: OperandSql,
): string {
  const [first = null, second = null] = operands;
  const compare = (comparison: Comparison, operand: Value) =>
    comparisonSql(column, { comparison, operand }, parameters);
  switch (operator) {
    case 'is':
      return equalitySql(column, first, parameters);
    case 'is less than':
    case 'is before':
      return compare('<', first);
    case 'is less than or equal to':
    case 'is on or before':
      return compare('<=', first);
    case 'is greater than':
    case 'is after':
      return compare('>', first);
    case 'is greater than or equal to':
    case 'is on or after':
      return compare('>=', first);
    case 'is between':
      return `${compare('>=', first)} AND ${compare('<=', second)}`;
    case 'is one of':
      return choiceSql(column, operands, parameters);
    case 'contains':
      return containmentSql(column, first, parameters);
    case 'starts with':
      return `starts_with(${column.sql}, ${parameters.add(String(first), 'text')})`;
    case 'ends with':
      return endSql(column, String(first), parameters);
    case 'is true':
      return `${column.sql} IS TRUE`;
    case 'is false':
      return `${column.sql} IS FALSE`;
  }
}

function equalitySql({ sql, type }: ConditionColumn, operand: Value, parameters: OperandSql): string {
  const { text, isUnstorable } = storedOperand(type, operand);
  return isUnstorable ? 'FALSE' : `${sql} = ${parameters.add(text, operandType(type, [text]))}`;
}

/** Texts are ordered by their bytes. NaN, which PostgreSQL puts above all numbers, is neither less nor greater than any. */
function comparisonSql(
  { sql, type }: ConditionColumn,
  { comparison, operand }: { comparison: Comparison; operand: Value },
  parameters: OperandSql,
): string {
  const { text, isUnstorable } = storedOperand(type, operand);
  const sign = isUnstorable ? FLOORED[comparison] : comparison;
  const parameter = parameters.add(text, operandType(type, [text]));
  const compared = `${sql}${type.kind === 'string' ? ' COLLATE "C"' : ''} ${sign} ${parameter}`;
  return type.kind === 'float' && sign.startsWith('>') ? `${compared} AND ${sql} <> 'NaN'` : compared;
}

function choiceSql({ sql, type }: ConditionColumn, operands: readonly Value[], parameters: OperandSql): string {
  const stored = operands.map((operand) => storedOperand(type, operand));
  const texts = stored.flatMap(({ text, isUnstorable }) => (isUnstorable ? [] : [text]));
  return `${sql} = ANY (${parameters.add(texts, `${operandType(type, texts)}[]`)})`;
}

function containmentSql({ sql, type }: ConditionColumn, operand: Value, parameters: OperandSql): string {
  if (type.kind !== 'array') return textContainmentSql({ sql, type }, operand, parameters);
  const { elementType } = type;
  if (elementType.kind === 'json') return jsonContainmentSql(sql, String(operand), parameters);
  const { text, isUnstorable } = storedOperand(elementType, operand);
  return isUnstorable ? 'FALSE' : `${parameters.add(text, operandType(elementType, [text]))} = ANY (${sql})`;
}

function textContainmentSql({ sql, type }: ConditionColumn, operand: Value, parameters: OperandSql): string {
  const { text, isUnstorable } = storedOperand(type, operand);
  return isUnstorable ? 'FALSE' : `strpos(${sql}, ${parameters.add(text, 'text')}) > 0`;
}

/** Strings that are the operand; and numbers, where it is one. */
function jsonContainmentSql(sql: string, operand: string, parameters: OperandSql): string {
  const isText = `to_jsonb(${parameters.add(operand, 'text')}) = ANY (${sql})`;
  const number = parseDecimal(operand);
  if (number === undefined) return isText;
  return `${isText} OR to_jsonb(${parameters.add(number, 'numeric')}) = ANY (${sql})`;
}

function endSql({ sql }: ConditionColumn, end: string, parameters: OperandSql): string {
  return `right(${sql}, ${[...end].length}) = ${parameters.add(end, 'text')}`;
}
