import type { Value } from '@penstock/language';
import { WIRE } from '../wire.js';
import type { MysqlColumn } from './mysql-column.js';
import { quoteText } from './sql-text.js';

/** A value that the column cannot hold. The message never holds the value. */
export class RefusedValue extends Error {}

/** Writes a value that is not null as a statement has it. Throws {@link RefusedValue}. */
export type ValueLiteral = (value: Value) => string;

const INTEGER = /^-?\d{1,20}$/;
const HEX_BYTES = /^\\x(?:[0-9A-Fa-f]{2})*$/;
const DIGITS = /^\d+$/;
/** Characters of a datetime and of a time without their fractions. */
const DATETIME_LENGTH = 19;
const TIME_LENGTH = 8;

/** How values of a column's type are written. Numbers whose texts say all of them are texts: the server reads them exactly. */
export function valueLiteral(column: MysqlColumn): ValueLiteral {
  if (column.wire === WIRE.hex) return bytesLiteral;
  switch (column.type?.kind) {
    case 'int':
    case 'year':
      return integerLiteral;
    case 'float':
      return floatLiteral;
    case 'boolean':
      return bitLiteral;
    case 'datetime':
      return cutLiteral(DATETIME_LENGTH, column.fractionDigits);
    case 'time':
      return cutLiteral(TIME_LENGTH, column.fractionDigits);
    default:
      return /^(?:enum|set)\(/i.test(column.label) ? labelLiteral(column.label) : textLiteral;
  }
}

function textLiteral(value: Value): string {
  return quoteText(textOf(value));
}

function integerLiteral(value: Value): string {
  const text = String(value);
  if (typeof value === 'object' || !INTEGER.test(text)) throw new RefusedValue('value is not an integer');
  return text;
}

function floatLiteral(value: Value): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RefusedValue('value is not a finite number');
  return String(value);
}

function bitLiteral(value: Value): string {
  if (typeof value !== 'boolean') throw new RefusedValue('value is not a boolean');
  return value ? "b'1'" : "b'0'";
}

/** Digits that the column does not keep are cut, because the server would round, and into the next day. */
function cutLiteral(length: number, fractionDigits: number): ValueLiteral {
  const end = fractionDigits === 0 ? length : length + 1 + fractionDigits;
  return (value) => quoteText(textOf(value).slice(0, end));
}

/** Bytes as a source shows them: `\x` and hexadecimal digits. */
function bytesLiteral(value: Value): string {
  const text = textOf(value);
  if (!HEX_BYTES.test(text)) throw new RefusedValue('value is not bytes, as \\x and hexadecimal digits');
  return `X'${text.slice(2)}'`;
}

/** The server takes digits that are no label for the number of one. */
function labelLiteral(definition: string): ValueLiteral {
  return (value) => {
    const text = textOf(value);
    if (DIGITS.test(text) && !definition.includes(`'${text}'`)) throw new RefusedValue('value is none of the labels');
    return quoteText(text);
  };
}

function textOf(value: Value): string {
  if (typeof value !== 'string') throw new RefusedValue('value is not a text');
  return value;
}
