import { MAX_TEXT_LENGTH } from '../values/text-limit.js';
import { ValueFailure } from '../values/value.js';
import { quoteExpression } from './voices.js';

/** A text that an expression would make, or work on, is too long. `suffix` ends the message. */
export function textTooLong(expression: string, suffix: string): ValueFailure {
  const message = `${quoteExpression(expression)} is longer than ${MAX_TEXT_LENGTH} characters${suffix}`;
  return new ValueFailure('Transformation', 'TooLong', message);
}

/** A JSON string that an expression reads has half of a surrogate pair. `suffix` ends the message. */
export function textNotUnicode(expression: string, suffix: string): ValueFailure {
  const message = `${quoteExpression(expression)} has text that is not valid Unicode${suffix}`;
  return new ValueFailure('Transformation', 'NotUnicode', message);
}
