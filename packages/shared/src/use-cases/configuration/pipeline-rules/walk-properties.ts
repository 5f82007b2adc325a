import type { ObjectType, Property, Type } from '@penstock/language';

export interface VisitedProperty {
  readonly property: Property;
  /** Where its JSON is: `properties[2].type.properties[0]`. */
  readonly at: string;
}

/** All properties of a schema, those of nested objects included, depth first. */
export function walkProperties(schema: ObjectType, at = ''): VisitedProperty[] {
  return schema.properties.flatMap((property, index) => {
    const place = `${at}properties[${index}]`;
    return [{ property, at: place }, ...walkType(property.type, `${place}.type`)];
  });
}

function walkType(type: Type, at: string): VisitedProperty[] {
  switch (type.kind) {
    case 'object':
      return walkProperties(type, `${at}.`);
    case 'array':
    case 'map':
      return walkType(type.elementType, `${at}.elementType`);
    default:
      return [];
  }
}
