import type { DecimalType } from '../types/type.js';
import { fitDecimal, isShortDecimal, parseDecimal } from '../values/decimal-text.js';
import { roundFloat } from '../values/round-float.js';
import { constraintsOf } from './constraints-of.js';
import { decimalOfObject, MAX_NUMBER_LENGTH, textOf } from './raw-type.js';
import { NOT_TEXT, type Normalised, type Normaliser, notConvertible, notHeld, wrongType } from './refusal.js';

/** One more than the greatest integer of the greatest precision. */
const BIGINT_LIMIT = 10n ** 76n;

type TextResult = (text: string) => Normalised;

/**
 * Text, bytes, integers and objects of number classes, which must fit precision and scale; numbers, which are rounded half to even
 * to the scale. An empty text is null where null is allowed.
 */
export function normaliseDecimal(type: DecimalType, nullable: boolean): Normaliser {
  const finish = finisher(type);
  const notFitting = notHeld(type);
  const ofText = textReader(type, finish, nullable);
  const refuse = wrongType(type);
  return (raw) => {
    if (typeof raw === 'string') return ofText(raw);
    if (typeof raw === 'number') return Number.isFinite(raw) ? finish(roundFloat(raw, type.scale ?? 0)) : notFitting;
    if (typeof raw === 'bigint') {
      return raw < BIGINT_LIMIT && raw > -BIGINT_LIMIT ? finish(String(raw)) : notFitting;
    }
    const text = textOf(raw);
    if (text !== undefined) return text === null ? NOT_TEXT : ofText(text);
    const decimal = decimalOfObject(raw);
    return decimal === undefined ? refuse(raw) : finish(decimal);
  };
}

function finisher(type: DecimalType): TextResult {
  const { precision, scale = 0 } = type;
  const check = constraintsOf(type);
  const notFitting = notHeld(type);
  return (decimal) => {
    const fitted = fitDecimal(decimal, precision, scale);
    return fitted === undefined ? notFitting : (check?.(fitted) ?? fitted);
  };
}

function textReader(type: DecimalType, finish: TextResult, nullable: boolean): TextResult {
  const refused = notConvertible(type);
  return (text) => {
    if (isShortDecimal(text)) return finish(text);
    if (text === '' && nullable) return null;
    const decimal = text.length > MAX_NUMBER_LENGTH ? undefined : parseDecimal(text);
    return decimal === undefined ? refused : finish(decimal);
  };
}
