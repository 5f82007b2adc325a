import type { SimpleType } from '../types/type.js';
import { isValidJson } from '../values/is-valid-json.js';
import { jsonOf } from './json-of.js';
import { isPlainObject, textOf } from './raw-type.js';
import { NOT_TEXT, type Normaliser, Refusal, wrongType } from './refusal.js';

/** A JSON value that is not valid, or deeper than can be read. */
export const NOT_JSON = new Refusal('NotJSON', 'is not valid JSON');

/** NaN, a value that contains itself, or something within the value that JSON cannot say. */
const NOT_ENCODABLE = new Refusal('NotJSON', 'cannot be written as JSON');

/**
 * Text and bytes are JSON text and are kept as they are, once they have proved valid; all other values are encoded. An empty
 * text is null where null is allowed.
 */
export function normaliseJson(type: SimpleType, nullable: boolean): Normaliser {
  const refuse = wrongType(type);
  return (raw) => {
    const text = textOf(raw);
    if (text === null) return NOT_TEXT;
    if (text === undefined) return jsonOf(raw) ?? (isJsonType(raw) ? NOT_ENCODABLE : refuse(raw));
    if (text === '' && nullable) return null;
    return isValidJson(text) ? text : NOT_JSON;
  };
}

function isJsonType(raw: unknown): boolean {
  if (typeof raw === 'number' || typeof raw === 'bigint') return true;
  return Array.isArray(raw) || raw instanceof Map || raw instanceof Date || isPlainObject(raw);
}
