import type { ObjectType, Property, Type } from '@penstock/language';

export interface VisitedProperty {
  readonly property: Property;
  /** Its path in the schema; `a[].b` within the elements of an array or a map. */
  readonly path: string;
  /** Where its JSON is: `properties[2].type.properties[0]`. */
  readonly at: string;
}

/** All properties of a schema, those of nested objects included, depth first. */
export function walkProperties(schema: ObjectType): VisitedProperty[] {
  return walkObject(schema, { at: '', prefix: '' });
}

function walkObject({ properties }: ObjectType, { at, prefix }: { readonly at: string; readonly prefix: string }) {
  return properties.flatMap((property, index): VisitedProperty[] => {
    const place = `${at}properties[${index}]`;
    const path = prefix + property.name;
    return [{ property, path, at: place }, ...walkType(property.type, `${place}.type`, path)];
  });
}

function walkType(type: Type, at: string, path: string): VisitedProperty[] {
  switch (type.kind) {
    case 'object':
      return walkObject(type, { at: `${at}.`, prefix: `${path}.` });
    case 'array':
    case 'map':
      return walkType(type.elementType, `${at}.elementType`, `${path}[]`);
    default:
      return [];
  }
}
