import { jsonKind } from '../values/json-text.js';
import { isObjectValue, memberOf, type Value, ValueFailure } from '../values/value.js';
import type { Access, ResolvedPath } from './resolve-path.js';

/** Reads a value from a row, which holds the top-level properties of a schema by position. */
export type Reader = (row: readonly Value[]) => Value | ValueFailure;

/**
 * Compiles the reader of a resolved path. What is missing on the way is null. Stepping into a JSON value that is not an object
 * fails at Transformation, unless the step is optional; `suffix` ends the message.
 */
export function compilePath(path: ResolvedPath, suffix: string): Reader {
  const { position } = path;
  const steps = path.accesses.map((access) => compileAccess(access, suffix));
  if (steps.length === 0) return (row) => row[position] ?? null;
  return (row) => {
    let value: Value | ValueFailure = row[position] ?? null;
    for (const step of steps) {
      if (value === null || value instanceof ValueFailure) return value;
      value = step(value);
    }
    return value;
  };
}

type Step = (value: Value) => Value | ValueFailure;

function compileAccess(access: Access, suffix: string): Step {
  if (access.op === 'json') return jsonStep(access, suffix);
  const { name } = access;
  return (value) => (isObjectValue(value) ? (memberOf(value, name) ?? null) : null);
}

function jsonStep(access: Access & { op: 'json' }, suffix: string): Step {
  const { key, isOptional, reader } = access;
  return (value) => {
    if (typeof value !== 'string') return null;
    const kind = jsonKind(value);
    if (kind === 'object') return reader.read(value, key) ?? null;
    if (isOptional) return null;
    return new ValueFailure('Transformation', 'NotJSONObject', access.refusal(kind) + suffix);
  };
}
