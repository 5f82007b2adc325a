import { isPropertyName } from '../types/property-path.js';
import type { ObjectType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { ExpressionError, type PathStep, pathText } from './expression.js';

/** How a path of an expression is read from a row. */
export interface ResolvedPath {
  /** Position of its top-level property. */
  readonly position: number;
  /** The steps below the top-level property. */
  readonly accesses: readonly Access[];
  readonly type: Type;
  /** The property that is read: the path without the keys of maps and of JSON. */
  readonly inPath: string;
}

export type Access =
  | { readonly op: 'member'; readonly name: string }
  | {
      readonly op: 'json';
      readonly key: string;
      readonly isOptional: boolean;
      /** Texts of the path with this step and without it, for messages. */
      readonly path: string;
      readonly parent: string;
    };

/**
 * Resolves a path against a schema: names of properties through objects, any key through maps and JSON. Throws
 * {@link ExpressionError} when a property does not exist or a value has nothing to step into.
 */
export function resolvePath(steps: readonly PathStep[], schema: ObjectType): ResolvedPath {
  const accesses: Access[] = [];
  const names: string[] = [];
  let type: Type = schema;
  for (const [index, step] of steps.entries()) {
    if (step.isOptional && type.kind !== 'json') {
      throw new ExpressionError(`invalid ${pathText(steps, index + 1)}: operator '?' can be used only with json`);
    }
    const isProperty = type.kind === 'object';
    type = stepType(type, steps, index);
    if (isProperty) names.push(step.name);
    if (index > 0) accesses.push(accessOf(isProperty || type.kind !== 'json', steps, index));
  }
  const position = schema.properties.findIndex((property) => property.name === names[0]);
  return { position, accesses, type, inPath: names.join('.') };
}
