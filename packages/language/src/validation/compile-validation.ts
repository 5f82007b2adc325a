import { validationVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Type } from '../types/type.js';
import { type Conversion, identity } from '../values/value.js';
import { valueCheck } from './value-check.js';

/**
 * Compiles the check that a canonical value conforms to the constraints of its own type: lengths, allowed values, pattern,
 * bounds, `real`, number and uniqueness of elements, nulls and missing properties within objects. That it has the canonical
 * form of its kind, bit size, precision and scale is trusted. The result is {@link identity} itself when there is nothing to
 * check. Failures are of step InputValidation and name the property `path`. An empty text that is not among the allowed values
 * becomes null: sources have it where nothing was chosen.
 */
export function compileValidation(type: Type, nullable: boolean, path = ''): Conversion {
  const wording = new Wording(validationVoice, path);
  const check = valueCheck(type, wording);
  if (check === undefined && nullable) return identity;
  const onNull = nullable ? null : wording.notNullable();
  const dropsEmpty = type.kind === 'string' && type.values !== undefined && !type.values.includes('');
  return (value) => {
    if (value === null) return onNull;
    if (dropsEmpty && value === '') return null;
    return check === undefined ? value : (check(value) ?? value);
  };
}
