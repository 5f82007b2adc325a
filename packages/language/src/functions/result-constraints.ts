import { type Check, decimalCheck, elementsCheck, numberCheck, textCheck } from '../conversions/constraints.js';
import { type Voice, Wording } from '../conversions/wording.js';
import type { ArrayType, DecimalType, FloatType, IntType, StringType } from '../types/type.js';
import type { Value } from '../values/value.js';
import { Refusal } from './refusal.js';

/** Checks a constraint; undefined means that the value conforms. */
export type Constraint<T> = (value: T) => Refusal | undefined;

/** Says only what is wrong: the refusal adds the property, whose path may lead through elements of arrays. */
const resultVoice: Voice = {
  step: 'OutputValidation',
  subject: () => '',
  quote: (text) => `«${text}»`,
  suffix: () => '',
};

const wording = new Wording(resultVoice, '');

export function textConstraint(type: StringType): Constraint<string> {
  return refusing(textCheck(type, wording));
}

export function numberConstraint(type: IntType | FloatType): Constraint<number> {
  return refusing(numberCheck(type, wording));
}

export function decimalConstraint(type: DecimalType): Constraint<string> {
  return refusing(decimalCheck(type, wording));
}

export function elementsConstraint(type: ArrayType): Constraint<readonly Value[]> {
  return refusing(elementsCheck(type, wording));
}

function refusing<T>(check: Check<T> | undefined): Constraint<T> {
  if (check === undefined) return () => undefined;
  return (value) => {
    const failure = check(value);
    return failure === undefined ? undefined : new Refusal(failure.code, failure.message.trimStart());
  };
}
