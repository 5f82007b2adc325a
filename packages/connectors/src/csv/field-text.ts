import type { Kind, Type, Value } from '@penstock/language';
import { compileJson, isoDatetime } from '../files/value-json.js';
import type { CsvWriteSettings } from './settings.js';

/** Kinds whose texts have no other characters than {@link PLAIN}. */
const PLAIN_KINDS: ReadonlySet<Kind> = new Set([
  ...(['boolean', 'int', 'year', 'float', 'decimal'] as const),
  ...(['datetime', 'date', 'time', 'uuid'] as const),
]);
const PLAIN = /^[A-Za-z0-9.:+-]$/;

/** Compiles what makes the text of values that are not null: datetimes are ISO 8601 with Z, nested values and json are JSON. */
export function fieldText(type: Type): (value: Value) => string {
  switch (type.kind) {
    case 'datetime':
      return (value) => isoDatetime(value as string);
    case 'float': {
      const json = compileJson(type, 'bare');
      return (value) => json(value);
    }
    case 'array':
    case 'map':
    case 'object':
      return compileJson(type);
    default:
      return (value) => (typeof value === 'string' ? value : String(value));
  }
}

/** Whether no value of a type can need quotes. */
export function needsNoQuotes({ kind }: Type, { separator, quote }: CsvWriteSettings): boolean {
  return PLAIN_KINDS.has(kind) && !PLAIN.test(separator) && !PLAIN.test(quote);
}
