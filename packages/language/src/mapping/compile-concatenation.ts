import { convert } from '../conversions/compile-conversion.js';
import { isConvertible } from '../conversions/is-convertible.js';
import { jsonScalarText } from '../conversions/to-text.js';
import { conversionVoice, quoteExpression } from '../conversions/voices.js';
import { Wording } from '../conversions/wording.js';
import type { StringType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { jsonKind } from '../values/json-text.js';
import { type Conversion, identity, ValueFailure } from '../values/value.js';
import type { Reader } from './compile-path.js';
import { ExpressionError } from './expression.js';

/** A part of a concatenation: a fixed text, or what is read from the row. */
export type Part = { readonly text: string } | DynamicPart;

export interface DynamicPart {
  readonly source: string;
  readonly type: Type;
  readonly read: Reader;
}

const TEXT: StringType = { kind: 'string' };

/**
 * Compiles the concatenation of parts. Null adds nothing, JSON null the text `null`; JSON arrays and objects have no text and
 * fail at Transformation; `suffix` ends the message. Throws {@link ExpressionError} for a part that never has a text.
 */
export function compileConcatenation(parts: readonly Part[], suffix: string): Reader {
  const readers = parts.map((part) => ('text' in part ? fixedReader(part.text) : textReader(part, suffix)));
  return (row) => {
    let text = '';
    for (const read of readers) {
      const part = read(row);
      if (part instanceof ValueFailure) return part;
      if (typeof part === 'string') text += part;
    }
    return text;
  };
}

function fixedReader(text: string): Reader {
  return () => text;
}

function textReader(part: DynamicPart, suffix: string): Reader {
  const { read } = part;
  const toText = textConversion(part, suffix);
  if (toText === identity) return read;
  return (row) => {
    const value = read(row);
    return value === null || value instanceof ValueFailure ? value : toText(value);
  };
}

function textConversion(part: DynamicPart, suffix: string): Conversion {
  if (part.type.kind === 'json') return jsonTextConversion(part.source, suffix);
  if (!isConvertible(part.type, TEXT)) {
    throw new ExpressionError(`cannot convert ${part.source} (type ${typeText(part.type)}) to string`);
  }
  return convert(part.type, TEXT, { nullable: true, wording: new Wording(conversionVoice(part.source), '') });
}

function jsonTextConversion(source: string, suffix: string): Conversion {
  return (value) => {
    if (typeof value !== 'string') return null;
    const kind = jsonKind(value);
    const text = jsonScalarText(value, kind);
    if (text !== undefined) return text;
    const message = `${quoteExpression(source)} (a JSON ${kind}) cannot be converted to a string value${suffix}`;
    return new ValueFailure('Transformation', 'NotText', message);
  };
}
