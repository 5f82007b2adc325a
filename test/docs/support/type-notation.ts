import { parseType, type Type } from '@penstock/language';

type Json = Record<string, unknown>;

/**
 * Reads a type as the documents write it: as messages do, `int(8)`, `decimal(10,2)`, `array(string)`, `object(a: string)`, with
 * further parameters behind it as JSON: `string {"maxLength": 3}`. Properties of objects are nullable.
 */
export function readType(notation: string): Type {
  return parseType(typeJson(notation));
}

function typeJson(notation: string): Json {
  const [, kind = '', inner, more] = /^(\w+)(?:\((.*)\))?(?: (\{.*\}))?$/.exec(notation.trim()) ?? [];
  return { kind, ...parameters(kind, inner), ...(more === undefined ? {} : (JSON.parse(more) as Json)) };
}

function parameters(kind: string, inner: string | undefined): Json {
  if (inner === undefined) return {};
  switch (kind) {
    case 'int':
    case 'float':
      return { bitSize: Number(inner) };
    case 'decimal': {
      const [precision, scale] = inner.split(',').map(Number);
      return { precision, scale };
    }
    case 'array':
    case 'map':
      return { elementType: typeJson(inner) };
    default:
      return { properties: inner.split(', ').map(propertyJson) };
  }
}

function propertyJson(text: string): Json {
  const [name, type = ''] = text.split(': ');
  return { name, type: typeJson(type), nullable: true, readOptional: true, description: '' };
}

/** The parameters that a kind requires, in the shortest form. */
export const REQUIRED_PARAMETERS: Readonly<Record<string, Json>> = {
  int: { bitSize: 32 },
  float: { bitSize: 32 },
  decimal: { precision: 5 },
  array: { elementType: { kind: 'string' } },
  map: { elementType: { kind: 'string' } },
  object: { properties: [{ name: 'a', type: { kind: 'string' } }] },
};

/** The JSON of a type of a kind, with the parameters that it requires. */
export function bareType(kind: string): Json {
  return { kind, ...REQUIRED_PARAMETERS[kind] };
}
