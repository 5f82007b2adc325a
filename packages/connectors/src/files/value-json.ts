import { floatJson, isObjectValue, memberOf, type ObjectType, type Type, type Value } from '@penstock/language';

/** The JSON text of a value that is not null. */
export type JsonOf = (value: Value) => string;

/** How NaN and the infinities are written, which JSON has no numbers for. */
export type SpecialFloats = 'null' | 'bare';

/** What JSON cannot have in a text as it is, and what would change on the way: halves of characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * Compiles what writes the values of a type as JSON: numbers of all kinds with all their digits, datetimes as ISO 8601 with Z, json as it
 * is, the properties of objects in the order of their type, the keys of maps sorted.
 */
export function compileJson(type: Type, special: SpecialFloats = 'null'): JsonOf {
  switch (type.kind) {
    case 'json':
    case 'int':
    case 'year':
    case 'boolean':
    case 'decimal':
      return String;
    case 'float':
      return (value) => floatJson(Number(value), type.bitSize) ?? (special === 'null' ? 'null' : String(value));
    case 'datetime':
      return (value) => `"${isoDatetime(String(value))}"`;
    case 'array':
      return arrayJson(compileJson(type.elementType, special));
    case 'map':
      return mapJson(compileJson(type.elementType, special));
    case 'object':
      return objectJson(type, special);
    default:
      return (value) => jsonText(String(value));
  }
}

/** A text as JSON. */
export function jsonText(text: string): string {
  // Nearly all texts are short, and have nothing to escape.
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A canonical datetime as ISO 8601. */
export function isoDatetime(datetime: string): string {
  return `${datetime.slice(0, 10)}T${datetime.slice(11)}Z`;
}

function arrayJson(element: JsonOf): JsonOf {
  return (value) => {
    if (!Array.isArray(value)) return 'null';
    return `[${value.map((item: Value) => (item === null ? 'null' : element(item))).join(',')}]`;
  };
}

function mapJson(element: JsonOf): JsonOf {
  return (value) => {
    if (!isObjectValue(value)) return 'null';
    const members = Object.keys(value)
      .sort()
      .map((key) => {
        const member = memberOf(value, key) ?? null;
        return `${jsonText(key)}:${member === null ? 'null' : element(member)}`;
      });
    return `{${members.join(',')}}`;
  };
}

function objectJson({ properties }: ObjectType, special: SpecialFloats): JsonOf {
  const members = properties.map(({ name, type }) => ({ name, encode: compileJson(type, special) }));
  return (value) => {
    if (!isObjectValue(value)) return 'null';
    const written: string[] = [];
    for (const { name, encode } of members) {
      const member = memberOf(value, name);
      if (member !== undefined) written.push(`"${name}":${member === null ? 'null' : encode(member)}`);
    }
    return `{${written.join(',')}}`;
  };
}
