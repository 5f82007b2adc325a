import type { SimpleType, Type } from '../types/type.js';
import type { Conversion } from '../values/value.js';
import { jsonEncoder } from './json-encoder.js';
import { keepUnlessNull, resultForNull, type Site } from './site.js';

/** Conversion to json: every value is encoded; text becomes a JSON string, it is not parsed. */
export function toJson(from: Type, to: SimpleType, site: Site): Conversion {
  if (from.kind === 'json') return keepUnlessNull(to, site);
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  const encode = jsonEncoder(from);
  return (value) => (value === null ? onNull : (encode(value) ?? refused));
}
