import type { Purpose } from '../functions/function-definition.js';
import type { Type } from '../types/type.js';
import { type JsonKind, jsonKind } from '../values/json-text.js';
import type { Conversion, Value, ValueFailure } from '../values/value.js';
import type { Wording } from './wording.js';

/** Where a conversion puts its values: whether null may stand there, and in which words it refuses. */
export interface Site {
  readonly nullable: boolean;
  readonly wording: Wording;
  /** Decides which properties of objects must be there; none when it is absent. */
  readonly purpose?: Purpose;
}

type Result = Value | ValueFailure;

/** What null becomes at a site. Where the target is json and null may not stand, it becomes JSON null. */
export function resultForNull(to: Type, site: Site): Result {
  if (site.nullable) return null;
  return to.kind === 'json' ? 'null' : site.wording.notNullable();
}

/** What the empty text becomes at a site whose target has no empty text. */
export function resultForEmpty(to: Type, site: Site): Result {
  return site.nullable ? null : site.wording.notConvertible(to);
}

/** A conversion of text that is not empty; the empty text and null have fixed results. */
export function fromText(to: Type, site: Site, read: (text: string) => Result): Conversion {
  const onNull = resultForNull(to, site);
  const onEmpty = resultForEmpty(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'string') return value === null ? onNull : refused;
    return value === '' ? onEmpty : read(value);
  };
}

/** A conversion of numbers. */
export function fromNumber(to: Type, site: Site, read: (number: number) => Result): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'number') return value === null ? onNull : refused;
    return read(value);
  };
}

/** A conversion of booleans. */
export function fromBoolean(to: Type, site: Site, whenTrue: Result, whenFalse: Result): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'boolean') return value === null ? onNull : refused;
    return value ? whenTrue : whenFalse;
  };
}

/** A conversion of JSON text to a target that is not json: JSON null is null there. */
export function fromJson(to: Type, site: Site, read: (json: string, kind: JsonKind) => Result): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (typeof value !== 'string') return value === null ? onNull : refused;
    const kind = jsonKind(value);
    return kind === 'null' ? onNull : read(value, kind);
  };
}

/** A conversion that changes nothing but refuses null where null may not stand. */
export function keepUnlessNull(to: Type, site: Site): Conversion {
  const onNull = resultForNull(to, site);
  return (value) => (value === null ? onNull : value);
}

/** A conversion that always has the same result, except for null. */
export function refuse(to: Type, site: Site): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => (value === null ? onNull : refused);
}
