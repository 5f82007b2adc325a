import type { ObjectType, Property, Type } from '../types/type.js';

/** A property of a schema of which the paths of a function select all or some parts. */
export interface SelectedProperty {
  readonly property: Property;
  /** Position among the properties of the object that it belongs to. */
  readonly index: number;
  /** Position of its path among the sorted paths; -1 when only some of its parts are selected. */
  readonly position: number;
  /** The parts that are selected, in the order of the schema, where not all of it is. */
  readonly parts: readonly SelectedProperty[];
}

/** What sorted paths select of a schema, in the order of the schema. The paths exist and none lies within another. */
export function selectProperties(schema: ObjectType, paths: readonly string[]): SelectedProperty[] {
  return selectParts(schema, new Map(paths.map((path, position) => [path, position])), '');
}

function selectParts(object: ObjectType, positions: ReadonlyMap<string, number>, prefix: string): SelectedProperty[] {
  return object.properties.flatMap((property, index) => {
    const path = prefix + property.name;
    const position = positions.get(path) ?? -1;
    if (position !== -1) return [{ property, index, position, parts: [] }];
    if (property.type.kind !== 'object') return [];
    const parts = selectParts(property.type, positions, `${path}.`);
    return parts.length === 0 ? [] : [{ property, index, position, parts }];
  });
}

/** The type of what is selected of a property. */
export function selectedType({ property, position, parts }: SelectedProperty): Type {
  if (position !== -1) return property.type;
  return { kind: 'object', properties: parts.map((part) => ({ ...part.property, type: selectedType(part) })) };
}
