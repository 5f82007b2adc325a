import type { ConnectionRole } from '@penstock/domain';
import type { ObjectType, Property, Type } from '@penstock/language';

/** Keeps the flags that a property may have in a schema of a pipeline: inSchema of a source, outSchema of a destination. */
type Keep = (property: Property) => Property;

const keepForRole: Readonly<Record<ConnectionRole, Keep>> = {
  Source: ({ prefilled: _, createRequired: __, updateRequired: ___, ...property }) => property,
  Destination: ({ prefilled: _, readOptional: __, ...property }) => property,
};

/** What an application says of its users, as a pipeline can have it: with other flags its definition would be refused. */
export function userSchemaFor(role: ConnectionRole, schema: ObjectType): ObjectType {
  return keepInObject(schema, keepForRole[role]);
}

function keepInObject(type: ObjectType, keep: Keep): ObjectType {
  const properties = type.properties.map((property) => ({ ...keep(property), type: keepInType(property.type, keep) }));
  return { ...type, properties };
}

function keepInType(type: Type, keep: Keep): Type {
  if (type.kind === 'object') return keepInObject(type, keep);
  if (type.kind === 'array' || type.kind === 'map') return { ...type, elementType: keepInType(type.elementType, keep) };
  return type;
}
