import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import { constantVoice } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { ValueFailure } from '../values/value.js';
import type { Literal } from './expression.js';
import { ExpressionError } from './expression-error.js';
import type { Alternative, Term } from './term.js';

/**
 * Throws an ExpressionError when a value that the term can have never converts to the type. `nullable` tells whether null and
 * empty texts that are written out may become null.
 */
export function expectType(term: Term, to: Type, nullable = true): void {
  for (const alternative of term.alternatives) {
    const message = refusalOf(alternative, to, nullable || !term.isConstant);
    if (message !== undefined) throw new ExpressionError(message, alternative.span);
  }
}

function refusalOf({ type, source, literal }: Alternative, to: Type, nullable: boolean): string | undefined {
  if (literal !== undefined) return literalRefusal(literal, to, nullable);
  return isConvertible(type, to) ? undefined : `cannot convert ${source} (type ${typeText(type)}) to ${typeText(to)}`;
}

/** Why a literal cannot become a value of the type; `nullable` tells whether null and an empty text may become null. */
export function literalRefusal(literal: Literal, to: Type, nullable: boolean): string | undefined {
  const { type, value, display } = literal;
  const wording = new Wording(constantVoice(display), '');
  if (value === null) return nullable || to.kind === 'json' ? undefined : wording.notConvertible(to).message;
  if (!isConvertible(type, to)) return wording.notConvertible(to).message;
  const converted = convert(type, to, { nullable, wording })(value);
  return converted instanceof ValueFailure ? converted.message : undefined;
}
