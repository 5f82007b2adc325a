import type { FloatType, IntType, Type } from '../types/type.js';
import { parseIsoDate } from '../values/date-text.js';
import { parseDecimal, trimDecimal } from '../values/decimal-text.js';
import { floatText } from '../values/float-text.js';
import { fitsInt64, parseIntText } from '../values/int-text.js';
import { parseIp } from '../values/ip-text.js';
import { parseIso8601 } from '../values/iso8601.js';
import { codePointLength } from '../values/text-length.js';
import { parseTime } from '../values/time-text.js';
import { parseUuid } from '../values/uuid-text.js';
import type { Value } from '../values/value.js';

/** Greatest length of a condition's value in code points, but for one of the allowed values of a string type. */
export const MAX_VALUE_LENGTH = 60;

const SIGNED = /^[+-]?(?:0|[1-9][0-9]*)$/;
const UNSIGNED = /^(?:0|[1-9][0-9]*)$/;
const FLOAT = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const YEAR = /^[0-9]{1,4}$/;

/** Reads a condition's value for a type, which is the element's for arrays; undefined when it is none of that type. */
export function parseOperand(text: string, type: Type): Value | undefined {
  switch (type.kind) {
    case 'string':
    case 'json':
      return text;
    case 'int':
      return parseInteger(text, type);
    case 'float':
      return parseFloating(text, type);
    case 'decimal':
      return parseNumber(text);
    case 'datetime':
      return parseIso8601(text) ?? undefined;
    case 'date':
      return parseIsoDate(text) ?? undefined;
    case 'time':
      return parseTime(text);
    case 'year':
      return YEAR.test(text) && Number(text) > 0 ? Number(text) : undefined;
    case 'uuid':
      return parseUuid(text);
    case 'ip':
      return parseAddress(text);
    default:
      return undefined;
  }
}

/** Of all types the range is that of 64 bits, so that a bound may lie beyond what the property can hold. */
function parseInteger(text: string, { bitSize, unsigned = false }: IntType): Value | undefined {
  if (!(unsigned ? UNSIGNED : SIGNED).test(text)) return undefined;
  const digits = parseIntText(text);
  if (digits === undefined || !fitsInt64(digits, unsigned)) return undefined;
  return bitSize < 64 && Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
}

function parseFloating(text: string, { bitSize }: FloatType): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const number = bitSize === 32 ? Math.fround(Number(text)) : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function parseNumber(text: string): string | undefined {
  const decimal = parseDecimal(text);
  return decimal === undefined ? undefined : trimDecimal(decimal);
}

/** The zone of an address is of any length, and what cannot be written back is not accepted. */
function parseAddress(text: string): string | undefined {
  const address = parseIp(text);
  return address === undefined || codePointLength(address) > MAX_VALUE_LENGTH ? undefined : address;
}

/** The text that {@link parseOperand} reads as the operand: the canonical one, in ISO 8601 for datetimes. */
export function operandText(operand: Value, type: Type): string {
  switch (type.kind) {
    case 'float':
      return floatText(Number(operand), type.bitSize);
    case 'decimal':
      return shortDecimal(String(operand));
    case 'datetime':
      return String(operand).replace(' ', 'T');
    default:
      return String(operand);
  }
}

/** A decimal that has become too long to be a value, when its exponent was multiplied out, in a shorter form. */
function shortDecimal(decimal: string): string {
  if (decimal.length <= MAX_VALUE_LENGTH) return decimal;
  const withoutZero = decimal.replace(/^(-?)0\./, '$1.');
  return withoutZero.length <= MAX_VALUE_LENGTH ? withoutZero : scientificText(decimal);
}

function scientificText(decimal: string): string {
  const sign = decimal.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = decimal.slice(sign.length).split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return `${sign}${digits.slice(0, end)}e${digits.length - end - fraction.length}`;
}
