import { isValidJson } from '../values/is-valid-json.js';
import { Refusal } from './refusal.js';
import { wrongType } from './result-member.js';
import type { ResultReader } from './result-reader.js';

const SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * Reads values of kind json: any value of JSON, or, where JSON is preserved, a text that is JSON, kept as it is. Names may not
 * be repeated within an object, and all text must be Unicode: databases refuse the rest, and with it the whole batch.
 */
export function jsonReader(preserveJSON: boolean, typeName: string): ResultReader {
  if (!preserveJSON) return (value) => encode(value) ?? notJson();
  return (value) => {
    if (typeof value !== 'string') return wrongType(typeName);
    return isValidJson(value) ? value : notJson();
  };
}

function notJson(): Refusal {
  return new Refusal('NotJSON', 'does not contain valid JSON');
}

/** Undefined where the value is nested too deeply to be written, or has text that is not Unicode. */
function encode(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value);
    return SURROGATE.test(text) && !isUnicode(value) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Whether no text within a value has half of a surrogate pair, as an escape can write it. */
function isUnicode(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isUnicode(item));
}
