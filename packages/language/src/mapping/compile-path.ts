import { jsonKind, jsonMember } from '../values/json-text.js';
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
  const { key, isOptional, path, parent } = access;
  return (value) => {
    if (typeof value !== 'string') return null;
    const kind = jsonKind(value);
    if (kind === 'object') return jsonMember(value, key) ?? null;
    if (isOptional) return null;
    const message = `invalid ${path}: ${parent} is not JSON object, it is ${kind}${suffix}`;
    return new ValueFailure('Transformation', 'NotJSONObject', message);
  };
}
