import type { Kind, ObjectType, Type } from '../types/type.js';

/** Kinds that a kind can become whatever the parameters are; json and the composite kinds have rules of their own. */
const TARGETS: Readonly<Record<Exclude<Kind, 'json' | 'array' | 'object' | 'map'>, readonly Kind[]>> = {
  string: ['string', 'boolean', 'int', 'float', 'decimal', 'datetime', 'date', 'time', 'year', 'uuid', 'json', 'ip'],
  boolean: ['string', 'boolean', 'json'],
  int: ['string', 'int', 'float', 'decimal', 'year', 'json'],
  float: ['string', 'int', 'float', 'decimal', 'json'],
  decimal: ['string', 'int', 'float', 'decimal', 'json'],
  datetime: ['string', 'datetime', 'date', 'time', 'json'],
  date: ['string', 'datetime', 'date', 'json'],
  time: ['string', 'time', 'json'],
  year: ['string', 'int', 'year', 'json'],
  uuid: ['string', 'uuid', 'json'],
  ip: ['string', 'ip', 'json'],
};

/**
 * Whether values of one type can be converted to another at all, seen from the types alone; a single value may still be refused.
 * Booleans and integers convert into each other only at 8 bits.
 */
export function isConvertible(from: Type, to: Type): boolean {
  switch (from.kind) {
    case 'json':
      return true;
    case 'array':
      return to.kind === 'json' || (to.kind === 'array' && isConvertible(from.elementType, to.elementType));
    case 'map':
      return isMapConvertible(from.elementType, to);
    case 'object':
      return isObjectConvertible(from, to);
    case 'boolean':
      return TARGETS.boolean.includes(to.kind) || (to.kind === 'int' && to.bitSize === 8);
    case 'int':
      return TARGETS.int.includes(to.kind) || (to.kind === 'boolean' && from.bitSize === 8);
    default:
      return TARGETS[from.kind].includes(to.kind);
  }
}

function isMapConvertible(element: Type, to: Type): boolean {
  if (to.kind === 'json') return true;
  if (to.kind === 'map') return isConvertible(element, to.elementType);
  return to.kind === 'object' && to.properties.every((property) => isConvertible(element, property.type));
}

function isObjectConvertible(from: ObjectType, to: Type): boolean {
  if (to.kind === 'json') return true;
  if (to.kind === 'map') return from.properties.every((property) => isConvertible(property.type, to.elementType));
  if (to.kind !== 'object') return false;
  const targets = new Map(to.properties.map((property) => [property.name, property.type]));
  const pairs = from.properties.map((property) => ({ source: property.type, target: targets.get(property.name) }));
  const shared = pairs.filter((pair) => pair.target !== undefined);
  return (
    shared.length > 0 && shared.every((pair) => pair.target === undefined || isConvertible(pair.source, pair.target))
  );
}
