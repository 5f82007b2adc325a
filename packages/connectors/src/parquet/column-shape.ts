import { type ArrayType, isObjectValue, memberOf, type ObjectType, type Type, type Value } from '@penstock/language';
import { leafEncoding } from './leaf-encoding.js';
import { LeafWriter } from './leaf-writer.js';
import { groupElement, leafElement } from './written-schema.js';

/** Arrays and objects within each other that become groups; deeper ones are JSON. */
const MAX_GROUPS = 12;
const LIST = { converted: 3, logical: 3 };

/** Takes a value apart into the leaves that it lies in. */
export interface ColumnShape {
  /** Elements of the schema, in their order, encoded. */
  readonly elements: readonly Buffer[];
  readonly leaves: readonly LeafWriter[];
  /** Appends a value; null is one that is missing in what it is in. */
  write(value: Value, repetition: number): void;
  /** Notes up to which level there is something, where the value itself is missing. */
  absent(repetition: number, definition: number): void;
}

/** What a shape is in: levels at which that is there. */
export interface ShapePlace {
  readonly names: readonly string[];
  readonly definition: number;
  readonly repetition: number;
  readonly groups: number;
  /** When a page is full, about. */
  readonly pageBytes: number;
}

/** The shape of an optional value with a name. Objects are groups, arrays lists, maps JSON. */
export function columnShape(name: string, type: Type, parent: ShapePlace): ColumnShape {
  const place = { ...parent, names: [...parent.names, name], definition: parent.definition + 1 };
  const isGroup = parent.groups < MAX_GROUPS;
  if (isGroup && type.kind === 'object') return objectShape(type, place);
  if (isGroup && type.kind === 'array') return listShape(type, place);
  return leafShape(type, place);
}

/** How many leaves a value of a type lies in. */
export function countLeaves(type: Type, groups = 0): number {
  if (groups >= MAX_GROUPS) return 1;
  if (type.kind === 'array') return countLeaves(type.elementType, groups + 1);
  if (type.kind !== 'object') return 1;
  return type.properties.reduce((count, property) => count + countLeaves(property.type, groups + 1), 0);
}

function leafShape(type: Type, { names, definition, repetition, pageBytes }: ShapePlace): ColumnShape {
  const encoding = leafEncoding(type, names.join('.'));
  const place = { names, maxDefinition: definition, maxRepetition: repetition };
  const leaf = new LeafWriter(place, encoding, pageBytes);
  return {
    elements: [leafElement(names, encoding)],
    leaves: [leaf],
    write: (value, at) => leaf.write(value, at),
    absent: (at, level) => leaf.absent(at, level),
  };
}

function objectShape({ properties }: ObjectType, place: ShapePlace): ColumnShape {
  const inside = { ...place, groups: place.groups + 1 };
  const members = properties.map(({ name, type }) => ({ name, shape: columnShape(name, type, inside) }));
  const absent = (at: number, level: number): void => {
    for (const { shape } of members) shape.absent(at, level);
  };
  return {
    elements: [
      groupElement(place.names, { children: members.length }),
      ...members.flatMap(({ shape }) => shape.elements),
    ],
    leaves: members.flatMap(({ shape }) => shape.leaves),
    absent,
    write: (value, at) => {
      if (!isObjectValue(value)) return absent(at, place.definition - 1);
      for (const { name, shape } of members) shape.write(memberOf(value, name) ?? null, at);
    },
  };
}

function listShape({ elementType }: ArrayType, place: ShapePlace): ColumnShape {
  const names = [...place.names, 'list'];
  const repetition = place.repetition + 1;
  const inside = { ...place, names, repetition, definition: place.definition + 1, groups: place.groups + 1 };
  const element = columnShape('element', elementType, inside);
  const list = groupElement(place.names, { children: 1, annotation: LIST });
  return {
    elements: [list, groupElement(names, { children: 1, isRepeated: true }), ...element.elements],
    leaves: element.leaves,
    absent: element.absent,
    write: (value, at) => {
      if (!Array.isArray(value)) element.absent(at, place.definition - 1);
      else if (value.length === 0) element.absent(at, place.definition);
      else
        for (let index = 0; index < value.length; index += 1)
          element.write(value[index], index === 0 ? at : repetition);
    },
  };
}
