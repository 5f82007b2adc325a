import { intRange } from '../types/natural-range.js';
import type { IntType, SimpleType } from '../types/type.js';
import { isSupportedYear } from '../values/calendar.js';
import { trimDecimal } from '../values/decimal-text.js';
import { fitsInt64, parseIntText } from '../values/int-text.js';
import { constraintsOf } from './constraints-of.js';
import { decimalOfObject, MAX_NUMBER_LENGTH, textOf } from './raw-type.js';
import {
  NOT_TEXT,
  type Normalised,
  type Normaliser,
  notConvertible,
  outOfBitSize,
  type Refusal,
  wrongType,
  YEAR_OUT_OF_RANGE,
} from './refusal.js';

/** How integers that were read become values of one type. */
interface IntTarget {
  /** Takes any integer. */
  readonly ofNumber: (integer: number) => Normalised;
  /** Takes canonical decimal text. */
  readonly ofText: (digits: string) => Normalised;
}

/** 64 bits have no more digits. Beyond it an integer is only known to be out of every range. */
const BIGINT_LIMIT = 10n ** 20n;
const SIGN = /^[+-]/;

/** Integers as number, bigint, text, bytes or object of a number class; numbers and decimals only when they are integral. */
export function normaliseInt(type: IntType): Normaliser {
  return integerReader(type, type.bitSize === 64 ? wideTarget(type) : narrowTarget(type), type.unsigned === true);
}

/** Years as integers from 1 to 9999. */
export function normaliseYear(type: SimpleType): Normaliser {
  const ofNumber = (year: number): Normalised => (isSupportedYear(year) ? year : YEAR_OUT_OF_RANGE);
  return integerReader(type, { ofNumber, ofText: (digits) => ofNumber(Number(digits)) }, false);
}

function narrowTarget(type: IntType): IntTarget {
  const range = intRange(type);
  const [low, high] = [Number(range.minimum), Number(range.maximum)];
  const check = constraintsOf(type);
  const outOfRange = outOfBitSize(type);
  const ofNumber = (integer: number): Normalised => {
    if (integer < low || integer > high) return outOfRange;
    return check?.(integer) ?? integer;
  };
  return { ofNumber, ofText: (digits) => ofNumber(Number(digits)) };
}

function wideTarget(type: IntType): IntTarget {
  const unsigned = type.unsigned === true;
  const check = constraintsOf(type);
  const outOfRange = outOfBitSize(type);
  const ofText = (digits: string): Normalised => {
    return fitsInt64(digits, unsigned) ? (check?.(digits) ?? digits) : outOfRange;
  };
  return { ofText, ofNumber: (integer) => ofText(String(BigInt(integer))) };
}

function integerReader(type: IntType | SimpleType, target: IntTarget, unsigned: boolean): Normaliser {
  const refused = notConvertible(type);
  const ofText = textReader(target, refused, unsigned);
  const ofOther = otherReader(type, target, refused);
  return (raw) => {
    // Adding zero makes a negative zero positive.
    if (typeof raw === 'number') return Number.isInteger(raw) ? target.ofNumber(raw + 0) : refused;
    if (typeof raw === 'string') return ofText(raw);
    if (typeof raw === 'bigint') return target.ofText(boundedDigits(raw));
    const text = textOf(raw);
    if (typeof text === 'string') return ofText(text);
    return text === null ? NOT_TEXT : ofOther(raw);
  };
}

function textReader(target: IntTarget, refused: Refusal, unsigned: boolean): (text: string) => Normalised {
  return (text) => {
    if (text.length > MAX_NUMBER_LENGTH || (unsigned && SIGN.test(text))) return refused;
    const digits = parseIntText(text);
    return digits === undefined ? refused : target.ofText(digits);
  };
}

function otherReader(type: IntType | SimpleType, target: IntTarget, refused: Refusal): Normaliser {
  const refuse = wrongType(type);
  return (raw) => {
    const decimal = decimalOfObject(raw);
    if (decimal === undefined) return refuse(raw);
    const digits = trimDecimal(decimal);
    return digits.includes('.') ? refused : target.ofText(digits);
  };
}

/** Writing out a huge integer takes more than linear time, so it is cut to one that is out of range as well. */
function boundedDigits(integer: bigint): string {
  if (integer > BIGINT_LIMIT) return String(BIGINT_LIMIT);
  return String(integer < -BIGINT_LIMIT ? -BIGINT_LIMIT : integer);
}
