import { compilePattern, PatternError } from '../pattern/compile-pattern.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { type JsonFields, withoutUndefined } from './json-fields.js';
import type { StringType } from './type.js';

const MAX_TEXT_LENGTH = 2 ** 32 - 1;

/** Reads the parameters of a string type. Throws SchemaError. */
export function parseStringType(fields: JsonFields): StringType {
  const pattern = parsePattern(fields);
  const values = parseValues(fields);
  if (pattern !== undefined && values !== undefined) {
    throw fields.invalid('values', 'unexpected values for type with a pattern');
  }
  return withoutUndefined<StringType>({
    kind: 'string',
    maxBytes: fields.integer('maxBytes', 1, MAX_TEXT_LENGTH),
    maxLength: fields.integer('maxLength', 1, MAX_TEXT_LENGTH),
    pattern,
    values,
  });
}

function parsePattern(fields: JsonFields): string | undefined {
  const pattern = fields.text('pattern');
  if (pattern === undefined) return undefined;
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) throw fields.invalid('pattern', `invalid pattern: ${error.message}`);
    throw error;
  }
  return pattern;
}

function parseValues(fields: JsonFields): readonly string[] | undefined {
  if (!fields.has('values')) return undefined;
  const json = fields.get('values');
  if (!Array.isArray(json) || json.length === 0) throw fields.invalid('values');
  const values = new Set<string>();
  for (const [index, value] of json.entries()) {
    const text = typeof value === 'string' ? value.normalize('NFC') : undefined;
    if (text === undefined) throw fields.invalid(`values[${index}]`, 'invalid values');
    if (values.has(text))
      throw fields.invalid(
        `values[${index}]`,
        `repeated value ${JSON.stringify(shownText(text, MAX_SHOWN.value))} in values`,
      );
    values.add(text);
  }
  return [...values];
}
