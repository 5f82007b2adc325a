import type { FloatType } from '../types/type.js';
import { trimDecimal } from '../values/decimal-text.js';
import { FLOAT_OVERFLOW, parseFloatText } from '../values/parse-float-text.js';
import { roundFloat } from '../values/round-float.js';
import { constraintsOf } from './constraints-of.js';
import { decimalOfObject, MAX_NUMBER_LENGTH } from './raw-type.js';
import { type Normalised, type Normaliser, notConvertible, notHeld, wrongType } from './refusal.js';

/** Decimals that the exact value of a float can have. */
const MAX_FLOAT_SCALE = 1074;

/** Greatest integers up to which all are floats. */
const MAX_INTEGER = { 32: 2n ** 24n, 64: 2n ** 53n - 1n } as const;

/** Numbers that the bit size holds exactly; text, which is rounded to it. NaN and the infinities unless the type is `real`. */
export function normaliseFloat(type: FloatType): Normaliser {
  const check = constraintsOf(type);
  const finish = (number: number): Normalised => check?.(number) ?? number;
  const round = type.bitSize === 32 ? Math.fround : (number: number) => number;
  const ofText = textReader(type, finish, round);
  const ofOther = otherReader(type, finish, round);
  const limit = MAX_INTEGER[type.bitSize];
  const notExact = notHeld(type);
  return (raw) => {
    if (typeof raw === 'number') return Object.is(round(raw), raw) ? finish(raw) : notExact;
    if (typeof raw === 'string') return ofText(raw);
    if (typeof raw !== 'bigint') return ofOther(raw);
    return raw >= -limit && raw <= limit ? finish(Number(raw)) : notExact;
  };
}

type Finish = (number: number) => Normalised;
type Round = (number: number) => number;

function textReader(type: FloatType, finish: Finish, round: Round): (text: string) => Normalised {
  const refused = notConvertible(type);
  const tooLarge = notHeld(type);
  return (text) => {
    const number = text.length > MAX_NUMBER_LENGTH ? undefined : parseFloatText(text);
    if (number === undefined) return refused;
    if (number === FLOAT_OVERFLOW) return tooLarge;
    const rounded = round(number);
    return Number.isFinite(number) && !Number.isFinite(rounded) ? tooLarge : finish(rounded);
  };
}

function otherReader(type: FloatType, finish: Finish, round: Round): Normaliser {
  const refuse = wrongType(type);
  const notExact = notHeld(type);
  return (raw) => {
    const decimal = decimalOfObject(raw);
    if (decimal === undefined) return refuse(raw);
    const number = round(Number(decimal));
    return Number.isFinite(number) && isExactly(number, decimal) ? finish(number) : notExact;
  };
}

function isExactly(number: number, decimal: string): boolean {
  return trimDecimal(roundFloat(number, MAX_FLOAT_SCALE)) === trimDecimal(decimal);
}
