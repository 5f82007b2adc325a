import type { MapType, ObjectType, Type } from '../types/type.js';
import { jsonMembers } from '../values/json-text.js';
import { type Conversion, isObjectValue, newObject, type Value, ValueFailure } from '../values/value.js';
import { convert } from './compile-conversion.js';
import { fromJson, refuse, resultForNull, type Site } from './site.js';

const JSON_TYPE: Type = { kind: 'json' };

type ConversionOf = (key: string) => Conversion | undefined;

/** Conversion to map, value by value. A value of a map or of JSON is never null; a property of an object may be. */
export function toMap(from: Type, to: MapType, site: Site): Conversion {
  switch (from.kind) {
    case 'object':
      return fromMembers(to, site, propertyConversions(from, to, site));
    case 'map':
      return fromMembers(to, site, valueConversion(from.elementType, to, site));
    case 'json':
      return fromJsonObject(to, site);
    default:
      return refuse(to, site);
  }
}

function propertyConversions(from: ObjectType, to: MapType, site: Site): ConversionOf {
  const conversions = new Map(
    from.properties.map(({ name, type }) => [name, convert(type, to.elementType, { ...site, nullable: true })]),
  );
  return (name) => conversions.get(name);
}

function valueConversion(source: Type, to: MapType, site: Site): ConversionOf {
  const conversion = convert(source, to.elementType, { ...site, nullable: false });
  return () => conversion;
}

function fromMembers(to: MapType, site: Site, conversionOf: ConversionOf): Conversion {
  const onNull = resultForNull(to, site);
  const refused = site.wording.notConvertible(to);
  return (value) => {
    if (value === null) return onNull;
    return isObjectValue(value) ? convertEntries(Object.entries(value), conversionOf) : refused;
  };
}

function fromJsonObject(to: MapType, site: Site): Conversion {
  const refused = site.wording.notConvertible(to);
  const conversionOf = valueConversion(JSON_TYPE, to, site);
  const brokenKey = site.wording.keyNotUnicode();
  const convertJson = (json: string): Value | ValueFailure => {
    const members = jsonMembers(json);
    if (json.includes('\\')) {
      for (const key of members.keys()) if (!key.isWellFormed()) return brokenKey;
    }
    return convertEntries(members, conversionOf);
  };
  return fromJson(to, site, (json, kind) => (kind === 'object' ? convertJson(json) : refused));
}

function convertEntries(entries: Iterable<readonly [string, Value]>, conversionOf: ConversionOf): Value | ValueFailure {
  const map = newObject();
  for (const [key, value] of entries) {
    const conversion = conversionOf(key);
    if (conversion === undefined) continue;
    const converted = conversion(value);
    if (converted instanceof ValueFailure) return converted;
    map[key] = converted;
  }
  return map;
}
