import { PathNotExistError } from '../types/property-path.js';
import type { ObjectType } from '../types/type.js';
import { jsonKind, jsonMember } from '../values/json-text.js';
import { isObjectValue, memberOf, type Value } from '../values/value.js';
import type { FilterCondition } from './filter.js';

/** Reads the value that a condition is about; undefined when it is missing, as below what is null or has no members. */
export type ConditionReader = (row: readonly Value[]) => Value | undefined;

/** Position of a condition's top-level property in the rows of a schema. Throws {@link PathNotExistError}. */
export function conditionPosition({ path: [name = ''] }: FilterCondition, schema: ObjectType): number {
  const position = schema.properties.findIndex((property) => property.name === name);
  if (position === -1) throw new PathNotExistError(name);
  return position;
}

/** Compiles the way below the top-level property; undefined when there is none. */
export function compileDescent({ path, jsonKeys }: FilterCondition): ((value: Value) => Value | undefined) | undefined {
  const names = path.slice(1);
  if (jsonKeys.length === 0) return names.length === 0 ? undefined : (value) => memberAt(value, names);
  return (value) => {
    const json = memberAt(value, names);
    return typeof json === 'string' ? jsonMemberAt(json, jsonKeys) : undefined;
  };
}

function memberAt(value: Value, names: readonly string[]): Value | undefined {
  let member: Value | undefined = value;
  for (let index = 0; index < names.length; index++) {
    if (member === undefined || !isObjectValue(member)) return undefined;
    member = memberOf(member, names[index] ?? '');
  }
  return member;
}

function jsonMemberAt(json: string, keys: readonly string[]): string | undefined {
  let member: string | undefined = json;
  for (let index = 0; index < keys.length; index++) {
    if (member === undefined || jsonKind(member) !== 'object') return undefined;
    member = jsonMember(member, keys[index] ?? '');
  }
  return member;
}
