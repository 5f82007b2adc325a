import type { Type } from '../types/type.js';
import { valueCheck } from '../validation/value-check.js';
import type { Value } from '../values/value.js';
import { bareWording, Refusal } from './refusal.js';

/** Checks a canonical value against the constraints of its type; undefined for a type that has none. */
export function constraintsOf(type: Type): ((value: Value) => Refusal | undefined) | undefined {
  const check = valueCheck(type, bareWording);
  if (check === undefined) return undefined;
  return (value) => {
    const failure = check(value);
    return failure === undefined ? undefined : Refusal.of(failure);
  };
}
