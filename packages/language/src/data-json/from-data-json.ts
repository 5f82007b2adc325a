import type { ArrayType, MapType, ObjectType, Type } from '../types/type.js';
import { newObject, type Value, ValueFailure } from '../values/value.js';
import { missing, notExisting, notValid, nullRefused } from './data-failures.js';
import { readDecimal, readFloat, readInt, readYear } from './read-data-number.js';
import { checkElements, readText } from './read-data-text.js';

type Result = Value | ValueFailure;

/**
 * Reads a value of the JSON of the API, already parsed, into its canonical form; the reverse of {@link toDataJson}. Decimals may
 * be numbers or text. JSON null is JSON null in json and null in other types; within objects and arrays null must be allowed.
 * Anything that does not fit the type and its constraints is a ValueFailure of step InputValidation, whose message has the
 * path of the property and not its value.
 */
export function fromDataJson(type: Type, json: unknown): Result {
  return readValue(type, json, '');
}

function readValue(type: Type, json: unknown, path: string): Result {
  if (type.kind === 'json') return readJson(json, path);
  if (json === null) return null;
  switch (type.kind) {
    case 'boolean':
      return typeof json === 'boolean' ? json : notValid(path);
    case 'int':
      return readInt(type, json, path);
    case 'float':
      return readFloat(type, json, path);
    case 'decimal':
      return readDecimal(type, json, path);
    case 'year':
      return readYear(json, path);
    case 'array':
      return readArray(type, json, path);
    case 'map':
      return readMap(type, json, path);
    case 'object':
      return readObject(type, json, path);
    default:
      return typeof json === 'string' ? readText(type, json, path) : notValid(path);
  }
}

function readJson(json: unknown, path: string): Result {
  return JSON.stringify(json) ?? notValid(path);
}

function readNotNull(type: Type, json: unknown, path: string): Result {
  return json === null && type.kind !== 'json' ? nullRefused(path) : readValue(type, json, path);
}

function readArray(type: ArrayType, json: unknown, path: string): Result {
  if (!Array.isArray(json)) return notValid(path);
  const elements: Value[] = [];
  for (const [index, item] of json.entries()) {
    const element = readNotNull(type.elementType, item, `${path}[${index}]`);
    if (element instanceof ValueFailure) return element;
    elements.push(element);
  }
  return checkElements(type, elements, path) ?? elements;
}

function readMap(type: MapType, json: unknown, path: string): Result {
  if (!isJsonObject(json)) return notValid(path);
  const map = newObject();
  for (const [key, item] of Object.entries(json)) {
    const value = readNotNull(type.elementType, item, `${path}[${JSON.stringify(key)}]`);
    if (value instanceof ValueFailure) return value;
    map[key] = value;
  }
  return map;
}

function readObject(type: ObjectType, json: unknown, path: string): Result {
  if (!isJsonObject(json)) return notValid(path);
  const prefix = path === '' ? '' : `${path}.`;
  const names = new Set(type.properties.map((property) => property.name));
  const unknown = Object.keys(json).find((name) => !names.has(name));
  if (unknown !== undefined) return notExisting(prefix + unknown);
  const object = newObject();
  for (const { name, type: propertyType, nullable, readOptional } of type.properties) {
    if (!Object.hasOwn(json, name)) {
      if (readOptional) continue;
      return missing(prefix + name);
    }
    const read = nullable ? readValue : readNotNull;
    const value = read(propertyType, json[name], prefix + name);
    if (value instanceof ValueFailure) return value;
    object[name] = value;
  }
  return object;
}

function isJsonObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
