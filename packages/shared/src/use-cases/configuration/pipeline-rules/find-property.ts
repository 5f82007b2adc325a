import { type ObjectType, PathNotExistError, type Property, propertyAt } from '@penstock/language';

/** The property at a path; undefined where a schema has none, also of a text that is no path. */
export function findProperty(schema: ObjectType, path: string): Property | undefined {
  try {
    return propertyAt(schema, path);
  } catch (error) {
    if (error instanceof PathNotExistError) return undefined;
    throw error;
  }
}

/** All properties of a schema by path, objects and what is within them alike. */
export function propertiesByPath(schema: ObjectType): ReadonlyMap<string, Property> {
  const properties = new Map<string, Property>();
  const add = (object: ObjectType, prefix: string): void => {
    for (const property of object.properties) {
      const path = prefix + property.name;
      properties.set(path, property);
      if (property.type.kind === 'object') add(property.type, `${path}.`);
    }
  };
  add(schema, '');
  return properties;
}
