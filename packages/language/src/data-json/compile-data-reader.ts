import type { ArrayType, MapType, ObjectType, Type } from '../types/type.js';
import { isValidJson } from '../values/is-valid-json.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { newObject, type Value, ValueFailure } from '../values/value.js';
import { missing, notExisting, notValid, nullRefused } from './data-failures.js';
import { readDecimal, readFloat, readInt, readYear } from './read-data-number.js';
import { elementsCheck, textReader } from './read-data-text.js';

type Result = Value | ValueFailure;

/** Reads the value that is at a path of the data. */
type Reader = (json: unknown, path: string) => Result;

/**
 * Compiles the reading of values of the JSON of the API, already parsed, into the canonical form of a type; the reverse of
 * {@link toDataJson}. Decimals may be numbers or text. JSON null is JSON null in json and null in other types; within objects
 * and arrays null must be allowed. Anything that does not fit the type and its constraints is a DataFailure, whose message has
 * the path of the property and not its value. What this returns never throws.
 */
export function compileDataReader(type: Type): (json: unknown) => Value | ValueFailure {
  const read = readerOf(type);
  return (json) => read(json, '');
}

function readerOf(type: Type): Reader {
  if (type.kind === 'json') return readJson;
  const read = valueReader(type);
  return (json, path) => (json === null ? null : read(json, path));
}

/** The reader of what is not null. */
function valueReader(type: Type): Reader {
  switch (type.kind) {
    case 'boolean':
      return (json, path) => (typeof json === 'boolean' ? json : notValid(path));
    case 'int':
      return (json, path) => readInt(type, json, path);
    case 'float':
      return (json, path) => readFloat(type, json, path);
    case 'decimal':
      return (json, path) => readDecimal(type, json, path);
    case 'year':
      return readYear;
    case 'array':
      return arrayReader(type);
    case 'map':
      return mapReader(type);
    case 'object':
      return objectReader(type);
    default: {
      const read = textReader(type);
      return (json, path) => (typeof json === 'string' ? read(json, path) : notValid(path));
    }
  }
}

/** Values that are nested very deeply cannot be written, or are no JSON to the language. */
function readJson(json: unknown, path: string): Result {
  try {
    const text = JSON.stringify(json);
    return text !== undefined && isValidJson(text) ? text : notValid(path);
  } catch (error) {
    if (error instanceof RangeError) return notValid(path);
    throw error;
  }
}

function notNullReader(type: Type): Reader {
  const read = readerOf(type);
  if (type.kind === 'json') return read;
  return (json, path) => (json === null ? nullRefused(path) : read(json, path));
}

function arrayReader(type: ArrayType): Reader {
  const read = notNullReader(type.elementType);
  const check = elementsCheck(type);
  return (json, path) => {
    if (!Array.isArray(json)) return notValid(path);
    const elements: Value[] = [];
    for (const [index, item] of json.entries()) {
      const element = read(item, `${path}[${index}]`);
      if (element instanceof ValueFailure) return element;
      elements.push(element);
    }
    return check(elements, path) ?? elements;
  };
}

function mapReader(type: MapType): Reader {
  const read = notNullReader(type.elementType);
  return (json, path) => {
    if (!isJsonObject(json)) return notValid(path);
    const map = newObject();
    for (const [key, item] of Object.entries(json)) {
      const value = read(item, `${path}[${JSON.stringify(shownText(key, MAX_SHOWN.name))}]`);
      if (value instanceof ValueFailure) return value;
      map[key] = value;
    }
    return map;
  };
}

interface Member {
  readonly read: Reader;
  readonly isOptional: boolean;
}

function objectReader(type: ObjectType): Reader {
  const members = new Map(
    type.properties.map(({ name, type: propertyType, nullable, readOptional }): [string, Member] => [
      name,
      { read: nullable ? readerOf(propertyType) : notNullReader(propertyType), isOptional: readOptional === true },
    ]),
  );
  return (json, path) => {
    if (!isJsonObject(json)) return notValid(path);
    const prefix = path === '' ? '' : `${path}.`;
    const unknown = Object.keys(json).find((name) => !members.has(name));
    if (unknown !== undefined) return notExisting(prefix + shownText(unknown, MAX_SHOWN.name));
    return readMembers(json, members, prefix);
  };
}

function readMembers(
  json: Readonly<Record<string, unknown>>,
  members: ReadonlyMap<string, Member>,
  prefix: string,
): Result {
  const object = newObject();
  for (const [name, { read, isOptional }] of members) {
    if (!Object.hasOwn(json, name)) {
      if (isOptional) continue;
      return missing(prefix + name);
    }
    const value = read(json[name], prefix + name);
    if (value instanceof ValueFailure) return value;
    object[name] = value;
  }
  return object;
}

function isJsonObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
