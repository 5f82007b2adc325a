import { type ObjectType, patternSize, type Type } from '@penstock/language';

/** Characters of the paths of all properties together: everything below a long path has it in its own. */
const MAX_PATHS_LENGTH = 4 * 1024 * 1024;

/** States of all patterns together: `a{1000}` has a thousand of them. */
const MAX_PATTERN_STATES = 200_000;

/** Why a schema is larger in memory than its JSON tells, and too large; undefined when it is not. */
export function sizeProblem(schema: ObjectType): string | undefined {
  const { pathsLength, patternStates } = sizeOf(schema, 0);
  if (pathsLength > MAX_PATHS_LENGTH) return 'has paths that are too long together: use shorter names or fewer levels';
  if (patternStates > MAX_PATTERN_STATES) return 'has patterns that are too long together: use fewer or shorter ones';
  return undefined;
}

interface SchemaSize {
  readonly pathsLength: number;
  readonly patternStates: number;
}

function sizeOf(type: Type, prefixLength: number): SchemaSize {
  if (type.kind === 'array' || type.kind === 'map') return sizeOf(type.elementType, prefixLength);
  if (type.kind !== 'object') return { pathsLength: 0, patternStates: statesOf(type) };
  let [pathsLength, patternStates] = [0, 0];
  for (const property of type.properties) {
    const pathLength = prefixLength + property.name.length + 1;
    const within = sizeOf(property.type, pathLength);
    pathsLength += pathLength + within.pathsLength;
    patternStates += within.patternStates;
  }
  return { pathsLength, patternStates };
}

/** The states of the largest pattern anywhere within a type: so many may be looked at for each character of a value. */
export function patternStates(type: Type): number {
  if (type.kind === 'array' || type.kind === 'map') return patternStates(type.elementType);
  if (type.kind !== 'object') return statesOf(type);
  return type.properties.reduce((most, property) => Math.max(most, patternStates(property.type)), 0);
}

function statesOf(type: Type): number {
  return type.kind === 'string' && type.pattern !== undefined ? patternSize(type.pattern) : 0;
}
