import type { ArrayType, MapType, ObjectType, Type } from '../types/type.js';
import { newObject, type Value } from '../values/value.js';
import type { Dialect } from './dialect.js';
import type { Purpose } from './function-definition.js';
import { Refusal } from './refusal.js';
import { elementsConstraint } from './result-constraints.js';
import {
  isPlainObject,
  jsonNull,
  memberReader,
  nullRefusal,
  ownMember,
  unknownRefusal,
  wrongType,
} from './result-member.js';
import { scalarReader } from './result-scalars.js';

/** Turns a value that a function returned, not null, into the canonical value of a type. It may be anything that JSON can say. */
export type ResultReader = (value: unknown) => Value | Refusal;

export interface ResultContext {
  readonly dialect: Dialect;
  readonly preserveJSON: boolean;
  readonly purpose: Purpose;
}

/** Compiles the reader of a type. What it compiles never throws. */
export function resultReader(type: Type, context: ResultContext): ResultReader {
  switch (type.kind) {
    case 'array':
      return arrayReader(type, context);
    case 'map':
      return mapReader(type, context);
    case 'object':
      return objectReader(type, context);
    default:
      return scalarReader(type, context);
  }
}

/** Elements of arrays and values of maps are never null, except for JSON null. */
function elementReader(type: Type, context: ResultContext): ResultReader {
  const read = resultReader(type, context);
  const onNull = jsonNull(type, context);
  return (value) => (value === null ? (onNull ?? nullRefusal(context)) : read(value));
}

function arrayReader(type: ArrayType, context: ResultContext): ResultReader {
  const read = elementReader(type.elementType, context);
  const check = elementsConstraint(type);
  const name = context.dialect.typeName(type);
  return (value) => {
    if (!Array.isArray(value)) return wrongType(name);
    const elements = new Array<Value>(value.length);
    for (let index = 0; index < value.length; index++) {
      const element = read(value[index]);
      if (element instanceof Refusal) return element.ofElement(index);
      elements[index] = element;
    }
    return check(elements) ?? elements;
  };
}

function mapReader(type: MapType, context: ResultContext): ResultReader {
  const read = elementReader(type.elementType, context);
  const name = context.dialect.typeName(type);
  return (value) => {
    if (!isPlainObject(value)) return wrongType(name);
    const map = newObject();
    for (const key of Object.keys(value)) {
      if (!key.isWellFormed()) return new Refusal('NotUnicode', 'has a key that is not valid Unicode');
      const item = read(value[key]);
      if (item instanceof Refusal) return item.ofMapValue();
      map[key] = item;
    }
    return map;
  };
}

function objectReader(type: ObjectType, context: ResultContext): ResultReader {
  const members = type.properties.map((property) => ({
    name: property.name,
    read: memberReader(property, context, resultReader(property.type, context)),
  }));
  const refuseUnknown = unknownRefusal(type.properties);
  const name = context.dialect.typeName(type);
  return (value) => {
    if (!isPlainObject(value)) return wrongType(name);
    const unknown = refuseUnknown(value);
    if (unknown !== undefined) return unknown;
    const object = newObject();
    for (const member of members) {
      const item = member.read(ownMember(value, member.name));
      if (item instanceof Refusal) return item.ofProperty(member.name);
      if (item !== undefined) object[member.name] = item;
    }
    return object;
  };
}
