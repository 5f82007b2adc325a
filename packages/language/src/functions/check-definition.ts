import { MAX_DEPTH } from '../types/parse-type.js';
import { PathNotExistError, parsePropertyPath, propertyAt } from '../types/property-path.js';
import type { ObjectType } from '../types/type.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import { exceedsCodePoints } from '../values/text-length.js';
import type { FunctionDefinition } from './function-definition.js';
import type { FunctionViolation } from './function-error.js';

const MAX_SOURCE_LENGTH = 50_000;

/** Paths of each of the lists. */
const MAX_PATHS = 1_000;

/** Violations that are reported; more would help nobody. */
const MAX_VIOLATIONS = 100;

interface CheckedPaths {
  readonly paths: readonly string[];
  readonly role: 'input' | 'output';
  readonly field: 'inPaths' | 'outPaths';
  readonly schema: ObjectType;
}

/** The first violations of a definition: of its source first, then of its in paths, then of its out paths. */
export function checkDefinition(
  { source, inPaths, outPaths }: FunctionDefinition,
  inSchema: ObjectType,
  outSchema: ObjectType,
): FunctionViolation[] {
  const violation = sourceViolation(source);
  const violations = [
    ...(violation === undefined ? [] : [{ path: 'transformation.function.source', message: violation }]),
    ...checkPaths({ paths: inPaths, role: 'input', field: 'inPaths', schema: inSchema }),
    ...checkPaths({ paths: outPaths, role: 'output', field: 'outPaths', schema: outSchema }),
  ];
  return violations.slice(0, MAX_VIOLATIONS);
}

function sourceViolation(source: string): string | undefined {
  const subject = 'transformation function source';
  if (source === '') return `${subject} is empty`;
  if (exceedsCodePoints(source, MAX_SOURCE_LENGTH)) return `${subject} is longer than 50,000 runes`;
  if (!source.isWellFormed()) return `${subject} contains invalid UTF-8 encoded characters`;
  return source.includes('\0') ? `${subject} contains the NUL byte` : undefined;
}

/** The violations of one list of paths; of each path the first. */
function checkPaths(checked: CheckedPaths): FunctionViolation[] {
  const { paths, role, field } = checked;
  const path = `transformation.function.${field}`;
  if (paths.length === 0) return [{ path, message: `there are no ${role} properties in transformation function` }];
  if (paths.length > MAX_PATHS) {
    return [{ path, message: `there are more than ${MAX_PATHS} ${role} properties in transformation function` }];
  }
  const first = firstPositions(paths);
  return paths.flatMap((_, index) => {
    const message = pathViolation(checked, index, first);
    return message === undefined ? [] : [{ path: `${path}[${index}]`, message }];
  });
}

/** Where each path first stands. */
function firstPositions(paths: readonly string[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const [index, path] of paths.entries()) if (!first.has(path)) first.set(path, index);
  return first;
}

function pathViolation(
  { paths, role, schema }: CheckedPaths,
  index: number,
  first: ReadonlyMap<string, number>,
): string | undefined {
  const path = paths[index] ?? '';
  const shown = shownText(path, MAX_SHOWN.path);
  const subject = `transformation function ${role}`;
  const missing = `${role} property "${shown}" of transformation function does not exist in schema`;
  const names = parsePropertyPath(path);
  if (names === undefined) return `${subject} property path "${shown}" is not valid`;
  if (first.get(path) !== index) return `${subject} property path "${shown}" is repeated`;
  if (names.length > MAX_DEPTH) return missing;
  const parent = parentOf(names, first);
  if (parent !== undefined) {
    const shownParent = shownText(parent, MAX_SHOWN.path);
    return `${subject} paths cannot contain both "${shownParent}" and its sub-property path "${shown}"`;
  }
  return exists(schema, path) ? undefined : missing;
}

/** The path that stands first in the list of those that the path of these names lies within. */
function parentOf(names: readonly string[], first: ReadonlyMap<string, number>): string | undefined {
  let parent: string | undefined;
  let prefix = '';
  for (const name of names.slice(0, -1)) {
    prefix = prefix === '' ? name : `${prefix}.${name}`;
    const position = first.get(prefix);
    if (position !== undefined && position < (first.get(parent ?? '') ?? Infinity)) parent = prefix;
  }
  return parent;
}

function exists(schema: ObjectType, path: string): boolean {
  try {
    propertyAt(schema, path);
    return true;
  } catch (error) {
    if (!(error instanceof PathNotExistError)) throw error;
    return false;
  }
}
