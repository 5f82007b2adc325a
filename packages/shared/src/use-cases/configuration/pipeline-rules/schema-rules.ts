import type { ErrorDetail } from '@penstock/domain';
import {
  leafProperties,
  type ObjectType,
  type Property,
  parseSchema,
  SchemaError,
  type Type,
} from '@penstock/language';
import { sizeProblem } from './schema-size.js';
import { walkProperties } from './walk-properties.js';

const COMPOSITE: ReadonlySet<Type['kind']> = new Set(['array', 'object', 'map']);

/** A schema, or what is wrong with its JSON. `name` is the member that holds it. */
export function readSchema(
  name: string,
  json: unknown,
): { readonly schema?: ObjectType; readonly violations: ErrorDetail[] } {
  try {
    const schema = parseSchema(json);
    const problem = sizeProblem(schema);
    return problem === undefined ? { schema, violations: [] } : { violations: [{ path: name, message: problem }] };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { violations: [{ path: error.path === '' ? name : `${name}.${error.path}`, message: error.message }] };
  }
}

/** What no property of a source has. */
export const SOURCE_FLAGS = ['prefilled', 'createRequired', 'updateRequired'] as const;
const PROFILE_FLAGS = ['prefilled', 'createRequired', 'updateRequired', 'nullable'] as const;

/** Rules for what a profile can hold: the profile schema of a workspace and what pipelines write or read of it. */
export function profileSchemaRules(name: string, schema: ObjectType): ErrorDetail[] {
  const properties = walkProperties(schema).flatMap(({ property, at }) =>
    profilePropertyRules(property, `${name}.${at}`),
  );
  return [...properties, ...ambiguousColumns(name, schema)];
}

function profilePropertyRules(property: Property, path: string): ErrorDetail[] {
  const violations = forbiddenFlags(property, PROFILE_FLAGS, { path, of: 'a property of a profile' });
  if (!property.readOptional) {
    violations.push({ path: `${path}.readOptional`, message: 'must be true: a profile may lack any property' });
  }
  if (property.name.startsWith('_'))
    violations.push({ path: `${path}.name`, message: 'must not begin with "_": such names are reserved' });
  const { type } = property;
  if ((type.kind === 'array' || type.kind === 'map') && COMPOSITE.has(type.elementType.kind)) {
    violations.push({
      path: `${path}.type.elementType`,
      message: 'must not be an array, an object or a map: a profile keeps lists and maps of simple values only',
    });
  }
  return violations;
}

/** Rules for the profile schema only: the warehouse could not keep what these parameters promise. */
export function profileTypeRules(name: string, schema: ObjectType): ErrorDetail[] {
  return walkProperties(schema).flatMap(({ property: { type }, at }) =>
    typeParameters(type).map((parameter) => ({
      path: `${name}.${at}.type.${parameter}`,
      message: 'is not allowed in a profile schema',
    })),
  );
}

function typeParameters(type: Type): string[] {
  if (type.kind === 'string') return ['pattern', 'values'].filter((parameter) => parameter in type);
  if (type.kind === 'array')
    return ['minElements', 'maxElements', 'uniqueElements'].filter((parameter) => parameter in type);
  return [];
}

type Flag = 'prefilled' | 'createRequired' | 'updateRequired' | 'readOptional' | 'nullable';

/** Flags that a property must not have; `of` says what it is a property of. */
export function forbiddenFlags(
  property: Property,
  flags: readonly Flag[],
  { path, of }: { readonly path: string; readonly of: string },
): ErrorDetail[] {
  return flags
    .filter((flag) => property[flag])
    .map((flag) => ({ path: `${path}.${flag}`, message: `is not allowed for ${of}: leave it out` }));
}

/** `a.b` and `A_B` would be one column. */
function ambiguousColumns(name: string, schema: ObjectType): ErrorDetail[] {
  const seen = new Map<string, string>();
  return leafProperties(schema).flatMap(({ path, column }) => {
    const other = seen.get(column.toLowerCase());
    seen.set(column.toLowerCase(), path);
    if (other === undefined) return [];
    return [{ path: name, message: `has the properties "${other}" and "${path}", which would have the same column` }];
  });
}
