/**
 * A value in the canonical form of its kind; null is "absent" in every kind.
 *
 * | kind | form |
 * |---|---|
 * | string | the text |
 * | uuid | 36 lower-case characters |
 * | ip | canonical text of an IPv4 or IPv6 address, with the zone where it has one |
 * | date | `YYYY-MM-DD`, years 0001 to 9999 |
 * | time | `hh:mm:ss[.f]`, at most 9 digits of fraction, no zeros at its end |
 * | datetime | `YYYY-MM-DD hh:mm:ss[.f]` in UTC, without a zone, fraction as in time |
 * | decimal | `-?digits[.digits]`: no exponent, no `+`, no superfluous leading zeros, no negative zero |
 * | int of up to 32 bits, year | number |
 * | int of 64 bits | decimal text |
 * | float | number; a 32-bit one already rounded |
 * | boolean | boolean |
 * | json | the raw JSON text; JSON null is the text `null` |
 * | array, object, map | array or object of canonical values; a key that is missing from an object has no value |
 */
export type Value = null | string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** The steps of a run that the language can make a record fail at. */
export type FailureStep = 'InputValidation' | 'Transformation' | 'OutputValidation';

/**
 * Why a value was refused. It is data: returned, never thrown. The message names the property or the expression and the rule
 * that was broken, never the record's value.
 */
export class ValueFailure {
  readonly step: FailureStep;
  readonly code: string;
  readonly message: string;

  constructor(step: FailureStep, code: string, message: string) {
    this.step = step;
    this.code = code;
    this.message = message;
  }
}

/** Turns a canonical value of one type into one of another, or says why that is not possible. */
export type Conversion = (value: Value) => Value | ValueFailure;

/** The conversion that has nothing to do; callers compare with `===` and skip it. */
export const identity: Conversion = (value) => value;

export type ObjectValue = { readonly [key: string]: Value };

/** Whether a value is an object or a map. */
export function isObjectValue(value: Value): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object to fill. It inherits nothing, so that keys like `constructor` and `__proto__` are ordinary. */
export function newObject(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

/** The member of an object or a map; undefined when it has no such key. */
export function memberOf(object: ObjectValue, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
