import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { JsonFields } from './json-fields.js';
import { parseArrayType, parseMapType, parseObjectType } from './parse-composite-types.js';
import { parseDecimalType, parseFloatType, parseIntType } from './parse-number-types.js';
import { parseStringType } from './parse-string-type.js';
import { SchemaError } from './schema-error.js';
import { KINDS, type Kind, type ObjectType, type Type } from './type.js';

/** Which parameters there are, and of which kinds. */
const PARAMETERS: ReadonlyMap<string, readonly Kind[]> = new Map<string, readonly Kind[]>([
  ['maxBytes', ['string']],
  ['maxLength', ['string']],
  ['pattern', ['string']],
  ['values', ['string']],
  ['bitSize', ['int', 'float']],
  ['unsigned', ['int']],
  ['real', ['float']],
  ['minimum', ['int', 'float', 'decimal']],
  ['maximum', ['int', 'float', 'decimal']],
  ['precision', ['decimal']],
  ['scale', ['decimal']],
  ['minElements', ['array']],
  ['maxElements', ['array']],
  ['uniqueElements', ['array']],
  ['elementType', ['array', 'map']],
  ['properties', ['object']],
]);

/** Types nested deeper than this are refused: no schema needs it, and the depth of the stack is bounded. */
export const MAX_DEPTH = 100;

/**
 * Reads a type from its JSON, already parsed. Strict: throws {@link SchemaError} for an unknown key, a value of the wrong JSON
 * type, a parameter that is missing, out of its limits or not one of the kind. Bounds of numbers have the precision of a JSON
 * number: those of integers must be safe integers, unless they are the limits of the bit size.
 */
export function parseType(json: unknown): Type {
  return parseTypeAt(json, '', 0);
}

/** Reads a schema, which is a type of kind object. Throws {@link SchemaError}. */
export function parseSchema(json: unknown): ObjectType {
  const type = parseType(json);
  if (type.kind !== 'object') throw new SchemaError('', `schema must have kind 'object', not '${type.kind}'`);
  return type;
}

/** Reads a nested type; `path` is where its JSON is, `depth` how many types it is nested in. */
export function parseTypeAt(json: unknown, path: string, depth: number): Type {
  if (depth > MAX_DEPTH) throw new SchemaError(path, `types are nested more than ${MAX_DEPTH} levels deep`);
  const fields = new JsonFields(json, path, 'invalid type: it must be a JSON object');
  const kind = parseKind(fields);
  for (const key of fields.keys) checkParameter(fields, key, kind);
  switch (kind) {
    case 'string':
      return parseStringType(fields);
    case 'int':
      return parseIntType(fields);
    case 'float':
      return parseFloatType(fields);
    case 'decimal':
      return parseDecimalType(fields);
    case 'array':
      return parseArrayType(fields, depth);
    case 'map':
      return parseMapType(fields, depth);
    case 'object':
      return parseObjectType(fields, depth);
    default:
      return { kind };
  }
}

function parseKind(fields: JsonFields): Kind {
  const text = fields.text('kind');
  if (text === undefined) throw new SchemaError(fields.path, "missing 'kind' key");
  const kind = KINDS.find((name) => name === text);
  if (kind === undefined)
    throw fields.invalid('kind', `invalid kind: there is no kind "${shownText(text, MAX_SHOWN.name)}"`);
  return kind;
}

function checkParameter(fields: JsonFields, key: string, kind: Kind): void {
  if (key === 'kind') return;
  const kinds = PARAMETERS.get(key);
  if (kinds === undefined) {
    const hint = key === 'elements' ? '; the type of the elements has the key "elementType"' : '';
    throw fields.invalid(key, `unknown key ${JSON.stringify(shownText(key, MAX_SHOWN.name))}${hint}`);
  }
  if (!kinds.includes(kind)) throw fields.invalid(key, `unexpected ${key} for non-${kinds.join('/')} type`);
}
