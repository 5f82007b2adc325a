import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import type { ObjectType, Property } from './type.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A schema has no property at a path; `path` ends at the first name that is missing. */
export class PathNotExistError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`property path "${shownText(path, MAX_SHOWN.path)}" does not exist`);
    this.name = 'PathNotExistError';
    this.path = path;
  }
}

/** Whether the text can name a property: a letter or `_`, then letters, digits and `_`, all of ASCII. */
export function isPropertyName(text: string): boolean {
  return NAME.test(text);
}

/** Splits `a.b.c` into its names; undefined when one of them is not a property name. */
export function parsePropertyPath(text: string): readonly string[] | undefined {
  const names = text.split('.');
  return names.every(isPropertyName) ? names : undefined;
}

/**
 * Finds the property at a path. Only objects are stepped into: a name after an array, a map or json does not exist.
 * Throws {@link PathNotExistError}.
 */
export function propertyAt(schema: ObjectType, path: string): Property {
  const names = path.split('.');
  let properties: readonly Property[] = schema.properties;
  let found: Property | undefined;
  for (const [depth, name] of names.entries()) {
    found = properties.find((property) => property.name === name);
    if (found === undefined) throw new PathNotExistError(names.slice(0, depth + 1).join('.'));
    properties = found.type.kind === 'object' ? found.type.properties : [];
  }
  if (found === undefined) throw new PathNotExistError(path);
  return found;
}

export interface LeafProperty {
  readonly path: string;
  /** Name of the column that holds the property: the path with `_` for `.`. */
  readonly column: string;
  readonly property: Property;
}

/** The properties of a schema that are not objects, depth first, in the order of the schema. */
export function leafProperties(schema: ObjectType): readonly LeafProperty[] {
  return leavesBelow(schema, '');
}

function leavesBelow(object: ObjectType, prefix: string): LeafProperty[] {
  return object.properties.flatMap((property) => {
    const path = prefix + property.name;
    if (property.type.kind === 'object') return leavesBelow(property.type, `${path}.`);
    return [{ path, column: path.replaceAll('.', '_'), property }];
  });
}
