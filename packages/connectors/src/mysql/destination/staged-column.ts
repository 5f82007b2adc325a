import { identity, type Type, ValueFailure } from '@penstock/language';
import { columnConversion } from '../../tables/fits-column.js';
import type { MysqlColumn } from './mysql-column.js';
import { RefusedValue, type ValueLiteral, valueLiteral } from './value-literal.js';

const NULL = 'NULL';

/** How values of a type are written into a column, null included. */
export function stagedLiteral(column: MysqlColumn, from: Type, mayBeNull: boolean): ValueLiteral {
  const literal = valueLiteral(column);
  const convert = conversionOf(column, from);
  return (value) => {
    const converted = convert(value);
    if (converted instanceof ValueFailure) throw new RefusedValue(converted.message);
    if (converted !== null) return literal(converted);
    if (mayBeNull) return NULL;
    throw new RefusedValue('value cannot be null');
  };
}

function conversionOf({ name, type }: MysqlColumn, from: Type) {
  if (type === null) return identity;
  const takesAnyInteger = from.kind === 'int' && type.kind === 'int' && type.bitSize === 64;
  return takesAnyInteger ? identity : columnConversion(name, from, type);
}
