import type { SimpleType, Type } from '../types/type.js';
import type { Conversion } from '../values/value.js';
import { jsonEncoder } from './json-encoder.js';
import { keepUnlessNull, resultForNull, type Site } from './site.js';

/** Conversion to json: every value is encoded; text becomes a JSON string, it is not parsed. What is too long is refused. */
export function toJson(from: Type, to: SimpleType, site: Site): Conversion {
  if (from.kind === 'json') return keepUnlessNull(to, site);
  const onNull = resultForNull(to, site);
  const { wording } = site;
  const encode = jsonEncoder(from, { refused: wording.notConvertible(to), tooLong: wording.tooLong() });
  return (value) => (value === null ? onNull : encode(value));
}
