import type { SimpleType, Type } from '../types/type.js';
import type { Conversion } from '../values/value.js';
import { fromJson, fromNumber, fromText, keepUnlessNull, type Site } from './site.js';

const TEXTS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'True', 'TRUE', 'yes', 'Yes', 'YES'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE', 'no', 'No', 'NO'].map((text) => [text, false] as const),
]);

/** Conversion to boolean: of the words for true and false, of integers of 8 bits, of JSON true and false. */
export function toBoolean(from: Type, to: SimpleType, site: Site): Conversion {
  const refused = site.wording.notConvertible(to);
  switch (from.kind) {
    case 'string':
      return fromText(to, site, (text) => TEXTS.get(text) ?? refused);
    case 'int':
      return fromNumber(to, site, (number) => number !== 0);
    case 'json':
      return fromJson(to, site, (_json, kind) => (kind === 'true' || kind === 'false' ? kind === 'true' : refused));
    default:
      return keepUnlessNull(to, site);
  }
}
