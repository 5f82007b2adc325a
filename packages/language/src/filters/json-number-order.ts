import { isShortDecimal, parseDecimal } from '../values/decimal-text.js';
import { jsonNumber } from '../values/json-text.js';
import { decimalOrder } from './decimal-order.js';

const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** Orders JSON numbers exactly around an operand; NaN when the operand is not a decimal. */
export function jsonNumberOrder(operand: string): (json: string) => number {
  const decimal = parseDecimal(operand);
  if (decimal === undefined) return () => Number.NaN;
  const order = decimalOrder(decimal);
  const scientific = readNumber(decimal);
  return (json) => {
    const number = jsonNumber(json);
    return isShortDecimal(number) ? order(number) : compareNumbers(readNumber(number), scientific);
  };
}

/** A text that two JSON numbers, or canonical decimals, share exactly when they are equal; undefined of what is no number. */
export function numberKey(number: string): string | undefined {
  const read = readNumber(number);
  return read === undefined ? undefined : `${read.sign}.${read.digits}e${read.exponent}`;
}

/** The {@link numberKey} of the number that an operand says; undefined when it is not a decimal. */
export function operandKey(operand: string): string | undefined {
  const decimal = parseDecimal(operand);
  return decimal === undefined ? undefined : numberKey(decimal);
}

/** A number as `sign × 0.digits × 10^exponent`, without zeros around the digits; its exponent is never multiplied out. */
interface ScientificNumber {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const ZERO: ScientificNumber = { sign: 0, digits: '', exponent: 0 };

function readNumber(text: string): ScientificNumber | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, minus, whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  let start = 0;
  while (digits.charCodeAt(start) === 48) start++;
  if (start === digits.length) return ZERO;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  const point = whole.length - start + Number(exponent);
  return { sign: minus === '-' ? -1 : 1, digits: digits.slice(start, end), exponent: point };
}

function compareNumbers(a: ScientificNumber | undefined, b: ScientificNumber | undefined): number {
  if (a === undefined || b === undefined) return Number.NaN;
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -a.sign : a.sign;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -a.sign : a.sign;
}
