import { escapeLiteral } from 'pg';
import type { OperandSql } from '../filter/sql-parameters.js';

/** Operands as literals: a COPY has no parameters. */
export const LITERAL_OPERANDS: OperandSql = {
  add: (value, type) =>
    typeof value === 'string'
      ? `${escapeLiteral(value)}::${type}`
      : `ARRAY[${value.map((text) => escapeLiteral(text)).join(', ')}]::${type}`,
};
