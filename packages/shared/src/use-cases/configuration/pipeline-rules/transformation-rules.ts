import type { ErrorDetail } from '@penstock/domain';
import {
  type CompiledMapping,
  compileMapping,
  leafProperties,
  MappingError,
  type ObjectType,
  PathNotExistError,
  propertyAt,
  sameType,
  typeText,
} from '@penstock/language';

export interface Transformation {
  readonly mapping?: Readonly<Record<string, string>> | null | undefined;
  readonly function?: unknown;
}

export interface Schemas {
  readonly inSchema: ObjectType | undefined;
  readonly outSchema: ObjectType | undefined;
}

/** Rules for the form of a transformation: exactly one of mapping and function. */
export function transformationRules(transformation: Transformation): ErrorDetail[] {
  const path = 'transformation';
  if (transformation.mapping && transformation.function)
    return [{ path, message: 'must not have both mapping and function' }];
  if (!transformation.mapping && !transformation.function) return [{ path, message: 'must have mapping or function' }];
  return [];
}

/** Rules for a mapping; `columns` are properties that the pipeline uses besides it. */
export function mappingRules(
  mapping: Readonly<Record<string, string>>,
  { inSchema, outSchema }: Schemas,
  columns: readonly string[],
): ErrorDetail[] {
  if (inSchema === undefined || outSchema === undefined) return [];
  const compiled = compile(mapping, inSchema, outSchema);
  const unusedOut = unused('outSchema', outSchema, Object.keys(mapping), 'is not written by the mapping: leave it out');
  if (Array.isArray(compiled)) return [...compiled, ...unusedOut];
  return [
    ...(compiled.inPaths.length === 0 ? [CONSTANT] : []),
    ...unused('inSchema', inSchema, [...compiled.inPaths, ...columns], 'is not used by anything: leave it out'),
    ...unusedOut,
  ];
}

const CONSTANT: ErrorDetail = { path: 'transformation.mapping', message: 'must use at least one property of inSchema' };

function compile(
  mapping: Readonly<Record<string, string>>,
  inSchema: ObjectType,
  outSchema: ObjectType,
): CompiledMapping | ErrorDetail[] {
  try {
    return compileMapping(mapping, inSchema, outSchema);
  } catch (error) {
    if (error instanceof MappingError) return [...error.violations];
    throw error;
  }
}

/** What nobody uses would have to be there in every run all the same. A used object uses all that is in it. */
function unused(name: string, schema: ObjectType, used: readonly string[], what: string): ErrorDetail[] {
  const isUsed = (path: string): boolean =>
    used.some((other) => other === path || path.startsWith(`${other}.`) || other.startsWith(`${path}.`));
  return leafProperties(schema)
    .filter(({ path }) => !isUsed(path))
    .map(({ path }) => ({ path: name, message: `property "${path}" ${what}` }));
}

/** What is written must exist in the workspace's profile schema, with the same type: each run requires it. */
export function alignmentRules(outSchema: ObjectType, profileSchema: ObjectType): ErrorDetail[] {
  return leafProperties(outSchema).flatMap(({ path, property }) => {
    const existing = find(profileSchema, path);
    if (existing === undefined)
      return [{ path: 'outSchema', message: `property "${path}" is not in the profile schema` }];
    if (sameType(existing.type, property.type)) return [];
    const message = `property "${path}" has type ${typeText(property.type)}, in the profile schema it has ${typeText(existing.type)}`;
    return [
      {
        path: 'outSchema',
        message: `${message}${typeText(property.type) === typeText(existing.type) ? ' with other parameters' : ''}`,
      },
    ];
  });
}

function find(schema: ObjectType, path: string) {
  try {
    return propertyAt(schema, path);
  } catch (error) {
    if (error instanceof PathNotExistError) return undefined;
    throw error;
  }
}
