import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import { textNotUnicode, textTooLong } from '../conversions/text-failures.js';
import { jsonScalarText } from '../conversions/to-text.js';
import { conversionVoice, quoteExpression } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { StringType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { isBrokenString, jsonKind } from '../values/json-text.js';
import { MAX_TEXT_LENGTH } from '../values/text-limit.js';
import { type Conversion, ValueFailure } from '../values/value.js';
import type { Reader } from './compile-path.js';
import { ExpressionError } from './expression-error.js';
import type { Alternative, Term } from './term.js';

const TEXT: StringType = { kind: 'string' };

/**
 * Compiles the concatenation of terms that `source` is. Null adds nothing, JSON null the text `null`; JSON arrays and objects
 * have no text and fail at Transformation, as do texts that become too long; `suffix` ends the message. Throws
 * {@link ExpressionError} for a term that never has a text.
 */
export function compileConcatenation(terms: readonly Term[], source: string, suffix: string): Reader {
  const tooLong = textTooLong(source, suffix);
  const readers = terms.map((term) => textReader(term, suffix));
  return (row) => {
    let text = '';
    for (const read of readers) {
      const part = read(row);
      if (typeof part === 'string') {
        if (text.length + part.length > MAX_TEXT_LENGTH) return tooLong;
        text += part;
      } else if (part !== null) return part;
    }
    return text;
  };
}

function textReader(term: Term, suffix: string): Reader {
  const [only] = term.alternatives;
  if (only?.literal !== undefined && term.isConstant) return constantReader(only.literal.text);
  for (const alternative of term.alternatives) expectText(alternative);
  return term.readAs((type) => textConversion(type, term.source, suffix));
}

function constantReader(text: string): Reader {
  return () => text;
}

function expectText({ type, source, span }: Alternative): void {
  if (isConvertible(type, TEXT)) return;
  throw new ExpressionError(`cannot convert ${source} (type ${typeText(type)}) to string`, span);
}

function textConversion(type: Type, source: string, suffix: string): Conversion {
  if (type.kind === 'json') return jsonTextConversion(source, suffix);
  return convert(type, TEXT, { nullable: true, wording: new Wording(conversionVoice(source), '') });
}

function jsonTextConversion(source: string, suffix: string): Conversion {
  const notUnicode = textNotUnicode(source, suffix);
  return (value) => {
    if (typeof value !== 'string') return null;
    const kind = jsonKind(value);
    const text = jsonScalarText(value, kind);
    if (text !== undefined) return isBrokenString(value, text) ? notUnicode : text;
    const message = `${quoteExpression(source)} (a JSON ${kind}) cannot be converted to a string value${suffix}`;
    return new ValueFailure('Transformation', 'NotText', message);
  };
}
