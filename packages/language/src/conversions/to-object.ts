import type { ObjectType, Property, Type } from '../types/type.js';
import { jsonMembers } from '../values/json-text.js';
import {
  type Conversion,
  identity,
  isObjectValue,
  memberOf,
  newObject,
  type ObjectValue,
  type Value,
  ValueFailure,
} from '../values/value.js';
import { convert } from './compile-conversion.js';
import { isRequired } from './required-members.js';
import { fromJson, resultForNull, type Site } from './site.js';

const JSON_TYPE: Type = { kind: 'json' };

interface MemberConversion {
  readonly name: string;
  readonly convert: Conversion;
  /** What it is when the member is missing; undefined where it may be. */
  readonly onMissing: ValueFailure | undefined;
}

/**
 * Conversion to object from an object, a map or JSON: property by property; what the target does not know is dropped, what the
 * source does not have stays missing, unless the purpose requires it.
 */
export function toObject(from: Type, to: ObjectType, site: Site): Conversion {
  const members = memberConversions(from, to, site);
  const refused = site.wording.notConvertible(to);
  if (from.kind === 'json') {
    return fromJson(to, site, (json, kind) => {
      if (kind !== 'object') return refused;
      const texts = jsonMembers(json);
      return convertMembers(members, (name) => texts.get(name));
    });
  }
  const onNull = resultForNull(to, site);
  return (value) => {
    if (value === null) return onNull;
    return isObjectValue(value) ? convertMembers(members, (name) => memberOf(value, name)) : refused;
  };
}

function memberConversions(from: Type, to: ObjectType, site: Site): readonly MemberConversion[] {
  return to.properties.flatMap((property) => {
    const { name } = property;
    const memberSite = siteOf(property, site);
    const purpose = site.purpose ?? 'Import';
    const onMissing = isRequired(property, purpose) ? memberSite.wording.requiredButMissing(purpose) : undefined;
    const source = sourceOf(from, name);
    if (source !== undefined) return [{ name, convert: convert(source, property.type, memberSite), onMissing }];
    return onMissing === undefined ? [] : [{ name, convert: identity, onMissing }];
  });
}

function sourceOf(from: Type, name: string): Type | undefined {
  if (from.kind === 'object') return from.properties.find((property) => property.name === name)?.type;
  return from.kind === 'map' ? from.elementType : JSON_TYPE;
}

function siteOf(property: Property, site: Site): Site {
  return { ...site, nullable: property.nullable === true, wording: site.wording.member(property.name) };
}

function convertMembers(
  members: readonly MemberConversion[],
  read: (name: string) => Value | undefined,
): ObjectValue | ValueFailure {
  const object = newObject();
  for (const member of members) {
    const value = read(member.name);
    if (value === undefined) {
      if (member.onMissing !== undefined) return member.onMissing;
      continue;
    }
    const converted = member.convert(value);
    if (converted instanceof ValueFailure) return converted;
    object[member.name] = converted;
  }
  return object;
}
