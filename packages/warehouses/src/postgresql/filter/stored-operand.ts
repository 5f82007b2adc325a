import type { Type, Value } from '@penstock/language';
import { columnType } from '@penstock/postgresql';

/** PostgreSQL keeps microseconds: the texts of instants up to the sixth digit of their fraction. */
const FRACTION = /^(.*\.\d{6})\d+$/;
const MAX_BIGINT = '9223372036854775807';

/** An operand as it can be compared with what a column keeps. */
export interface StoredOperand {
  readonly text: string;
  /** Whether no value of the column can be equal to the operand. */
  readonly isUnstorable: boolean;
}

/**
 * Makes the text of an operand for a column. An instant between two microseconds becomes the earlier one: what is stored is
 * after it exactly if it is after the operand. Addresses with a zone and texts with NUL cannot be stored at all.
 */
export function storedOperand(type: Type, operand: Value): StoredOperand {
  const text = String(operand);
  switch (type.kind) {
    case 'datetime':
    case 'time': {
      const floor = FRACTION.exec(text)?.[1];
      return { text: floor ?? text, isUnstorable: floor !== undefined };
    }
    case 'ip':
      return { text, isUnstorable: text.includes('%') };
    case 'string':
      return { text, isUnstorable: text.includes('\0') || /\p{Surrogate}/u.test(text) };
    default:
      return { text, isUnstorable: false };
  }
}

/**
 * The SQL type that operands of a type are read as: it holds all of them, and an index over the column can be used. Operands
 * of integers may exceed what the column holds.
 */
export function operandType(type: Type, texts: readonly string[]): string {
  switch (type.kind) {
    case 'string':
      return 'text';
    case 'int':
      return isNumeric(type) || texts.some(exceedsBigint) ? 'numeric' : 'bigint';
    case 'float':
      return 'double precision';
    case 'decimal':
      return 'numeric';
    case 'datetime':
      return 'timestamp without time zone';
    case 'time':
      return 'time without time zone';
    default:
      return columnType(type).sql;
  }
}

/** Integers of 64 bits without a sign have no integer type of their own. */
function isNumeric(type: Type): boolean {
  return columnType(type).sql.startsWith('numeric');
}

/** Negative operands never do: no integer has more than 64 bits. */
function exceedsBigint(text: string): boolean {
  if (text.startsWith('-') || text.length < MAX_BIGINT.length) return false;
  return text.length > MAX_BIGINT.length || text > MAX_BIGINT;
}
