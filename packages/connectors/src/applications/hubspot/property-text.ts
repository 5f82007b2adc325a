import { type Type, toDataJson, type Value } from '@penstock/language';

/** Between the values of a property that has several. */
const SEPARATOR = ';';

/** A value as HubSpot writes it: everything is text, and empty text is no value. */
export function propertyText(type: Type, value: Value): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join(SEPARATOR) : String(toDataJson(type, value));
}

/** What HubSpot writes, for normalisation; undefined where there is no value. */
export function propertyRaw(type: Type, text: unknown): unknown {
  if (text === null || text === undefined || text === '') return undefined;
  return type.kind === 'array' && typeof text === 'string' ? text.split(SEPARATOR).filter((item) => item !== '') : text;
}
