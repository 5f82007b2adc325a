import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { JsonFields, withoutUndefined } from './json-fields.js';
import { MAX_ELEMENTS } from './natural-range.js';
import { parseTypeAt } from './parse-type.js';
import { isPropertyName } from './property-path.js';
import { SchemaError } from './schema-error.js';
import type { ArrayType, Kind, MapType, ObjectType, Property, Type } from './type.js';

/** Characters of the name of a property, which become columns and stand in messages. */
const MAX_NAME_LENGTH = 255;

const NEVER_UNIQUE: readonly Kind[] = ['json', 'array', 'map', 'object'];
const PROPERTY_KEYS: readonly string[] = [
  'name',
  'prefilled',
  'type',
  'createRequired',
  'updateRequired',
  'readOptional',
  'nullable',
  'description',
];

/** Reads the parameters of an array type. Throws SchemaError. */
export function parseArrayType(fields: JsonFields, depth: number): ArrayType {
  const elementType = parseElementType(fields, depth);
  const minElements = fields.integer('minElements', 0, MAX_ELEMENTS) || undefined;
  const maxElements = fields.integer('maxElements', 0, MAX_ELEMENTS);
  if (maxElements !== undefined && maxElements < (minElements ?? 0)) {
    throw fields.invalid('maxElements', 'maxElements cannot be less than minElements');
  }
  const uniqueElements = fields.flag('uniqueElements');
  if (uniqueElements && NEVER_UNIQUE.includes(elementType.kind)) {
    throw fields.invalid('uniqueElements', `unexpected uniqueElements for elements of kind ${elementType.kind}`);
  }
  return withoutUndefined<ArrayType>({
    kind: 'array',
    minElements,
    maxElements: maxElements === MAX_ELEMENTS ? undefined : maxElements,
    uniqueElements,
    elementType,
  });
}

/** Reads the parameters of a map type. Throws SchemaError. */
export function parseMapType(fields: JsonFields, depth: number): MapType {
  return { kind: 'map', elementType: parseElementType(fields, depth) };
}

function parseElementType(fields: JsonFields, depth: number): Type {
  if (!fields.has('elementType')) throw new SchemaError(fields.path, 'missing element type');
  return parseTypeAt(fields.get('elementType'), fields.pathOf('elementType'), depth + 1);
}

/** Reads the properties of an object type. Throws SchemaError. */
export function parseObjectType(fields: JsonFields, depth: number): ObjectType {
  const json = fields.get('properties');
  if (!fields.has('properties')) throw new SchemaError(fields.path, 'missing object properties');
  if (!Array.isArray(json)) throw fields.invalid('properties');
  if (json.length === 0) throw fields.invalid('properties', 'invalid empty properties');
  const names = new Set<string>();
  const properties = json.map((item: unknown, index) => {
    const path = fields.pathOf(`properties[${index}]`);
    const property = parseProperty(new JsonFields(item, path, 'invalid property: it must be a JSON object'), depth);
    if (names.has(property.name)) throw new SchemaError(`${path}.name`, 'repeated property name');
    names.add(property.name);
    return property;
  });
  return { kind: 'object', properties };
}

function parseProperty(fields: JsonFields, depth: number): Property {
  for (const key of fields.keys) {
    if (!PROPERTY_KEYS.includes(key)) throw fields.invalid(key, `unknown property '${shownText(key, MAX_SHOWN.name)}'`);
  }
  const name = fields.text('name');
  if (name === undefined) throw new SchemaError(fields.path, 'missing property name');
  if (name.length > MAX_NAME_LENGTH) {
    throw fields.invalid('name', `property name is longer than ${MAX_NAME_LENGTH} characters`);
  }
  if (!isPropertyName(name)) throw fields.invalid('name', 'invalid property name');
  if (!fields.has('type')) throw new SchemaError(fields.path, 'missing property type');
  return withoutUndefined<Property>({
    name,
    prefilled: fields.text('prefilled') || undefined,
    type: parseTypeAt(fields.get('type'), fields.pathOf('type'), depth + 1),
    createRequired: fields.flag('createRequired'),
    updateRequired: fields.flag('updateRequired'),
    readOptional: fields.flag('readOptional'),
    nullable: fields.flag('nullable'),
    description: fields.text('description') ?? '',
  });
}
