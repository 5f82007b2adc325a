import type { MapType, ObjectType, Property } from '../types/type.js';
import { isValidJson } from '../values/is-valid-json.js';
import { jsonKind, jsonMembers } from '../values/json-text.js';
import { newObject } from '../values/value.js';
import { NOT_JSON } from './normalise-json.js';
import { isPlainObject } from './raw-type.js';
import { MISSING, NOT_TEXT, type Normalised, type Normaliser, Refusal, wrongType } from './refusal.js';

/** A property with the normaliser of its value, which takes null. */
export interface PropertyNormaliser {
  readonly property: Property;
  readonly normalise: Normaliser;
}

/** Plain objects and Maps. Keys that the type does not have are dropped; undefined is a key that is missing. */
export function normaliseObject(type: ObjectType, properties: readonly PropertyNormaliser[]): Normaliser {
  const refuse = wrongType(type);
  return (raw) => {
    const read = memberReader(raw);
    if (read === undefined) return refuse(raw);
    const object = newObject();
    for (const { property, normalise } of properties) {
      const found = read(raw, property.name);
      if (found === undefined) {
        if (property.readOptional) continue;
        return MISSING.inProperty(property.name);
      }
      const value = normalise(found);
      if (value instanceof Refusal) return value.inProperty(property.name);
      object[property.name] = value;
    }
    return object;
  };
}

/** How the members of a raw value are read, as a function that serves all values of its sort. */
type MemberReader = (raw: unknown, name: string) => unknown;

const readFromMap: MemberReader = (raw, name) => (raw as ReadonlyMap<unknown, unknown>).get(name);
const readFromObject: MemberReader = (raw, name) =>
  Object.hasOwn(raw as object, name) ? (raw as Record<string, unknown>)[name] : undefined;

function memberReader(raw: unknown): MemberReader | undefined {
  if (raw instanceof Map) return readFromMap;
  return isPlainObject(raw) ? readFromObject : undefined;
}

/** Plain objects and Maps with keys of text; where the values are json also the text of a JSON object. */
export function normaliseMap(type: MapType, value: Normaliser): Normaliser {
  const refuse = wrongType(type);
  const ofJson = type.elementType.kind === 'json' ? mapOfJson : refuse;
  return (raw) => {
    if (typeof raw === 'string') return ofJson(raw);
    const keys = raw instanceof Map ? [...raw.keys()] : isPlainObject(raw) ? Object.keys(raw) : undefined;
    const read = memberReader(raw);
    return keys === undefined || read === undefined ? refuse(raw) : fill(keys, (key) => value(read(raw, key)));
  };
}

function fill(keys: readonly unknown[], normalisedMember: (key: string) => Normalised): Normalised {
  const map = newObject();
  for (const key of keys) {
    if (typeof key !== 'string' || !key.isWellFormed()) return NOT_TEXT_KEY;
    const value = normalisedMember(key);
    if (value instanceof Refusal) return value.inKey(key);
    map[key] = value;
  }
  return map;
}

const NOT_TEXT_KEY = new Refusal(NOT_TEXT.code, 'has a key that is not valid Unicode text');

function mapOfJson(raw: unknown): Normalised {
  if (typeof raw !== 'string' || !isValidJson(raw) || jsonKind(raw) !== 'object') return NOT_JSON;
  const map = newObject();
  for (const [key, json] of jsonMembers(raw)) map[key] = json;
  return map;
}
