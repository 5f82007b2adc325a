import { PathNotExistError, parsePropertyPath, propertyAt } from '../types/property-path.js';
import type { ObjectType } from '../types/type.js';
import { exceedsCodePoints } from '../values/text-length.js';
import type { FunctionDefinition } from './function-definition.js';
import type { FunctionViolation } from './function-error.js';

const MAX_SOURCE_LENGTH = 50_000;

interface CheckedPaths {
  readonly paths: readonly string[];
  readonly role: 'input' | 'output';
  readonly field: 'inPaths' | 'outPaths';
  readonly schema: ObjectType;
}

/** All violations of a definition: of its source first, then of its in paths, then of its out paths. */
export function checkDefinition(
  { source, inPaths, outPaths }: FunctionDefinition,
  inSchema: ObjectType,
  outSchema: ObjectType,
): FunctionViolation[] {
  const violation = sourceViolation(source);
  return [
    ...(violation === undefined ? [] : [{ path: 'transformation.function.source', message: violation }]),
    ...checkPaths({ paths: inPaths, role: 'input', field: 'inPaths', schema: inSchema }),
    ...checkPaths({ paths: outPaths, role: 'output', field: 'outPaths', schema: outSchema }),
  ];
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
  return paths.flatMap((_, index) => {
    const message = pathViolation(checked, index);
    return message === undefined ? [] : [{ path: `${path}[${index}]`, message }];
  });
}

function pathViolation({ paths, role, schema }: CheckedPaths, index: number): string | undefined {
  const path = paths[index] ?? '';
  const subject = `transformation function ${role}`;
  if (parsePropertyPath(path) === undefined) return `${subject} property path "${path}" is not valid`;
  if (paths.indexOf(path) < index) return `${subject} property path "${path}" is repeated`;
  const parent = paths.find((other) => path.startsWith(`${other}.`));
  if (parent !== undefined) {
    return `${subject} paths cannot contain both "${parent}" and its sub-property path "${path}"`;
  }
  try {
    propertyAt(schema, path);
    return undefined;
  } catch (error) {
    if (!(error instanceof PathNotExistError)) throw error;
    return `${role} property "${path}" of transformation function does not exist in schema`;
  }
}
