import type { Property, Type } from './type.js';
import { typeToJson } from './type-to-json.js';

/**
 * Whether two types are equal in every parameter, including the order, the flags, the descriptions and the placeholders of
 * properties. Patterns are compared by their text. A default that is spelled out equals one that is absent.
 */
export function sameType(a: Type, b: Type): boolean {
  return a === b || JSON.stringify(typeToJson(a)) === JSON.stringify(typeToJson(b));
}

/** Whether two properties are equal in name, type, flags, placeholder and description. */
export function sameProperty(a: Property, b: Property): boolean {
  return sameType({ kind: 'object', properties: [a] }, { kind: 'object', properties: [b] });
}
