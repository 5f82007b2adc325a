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
    const container: Type = type;
    type = stepType(container, steps, index);
    if (container.kind === 'object') names.push(step.name);
    if (index > 0) accesses.push(accessOf(container, steps, index));
  }
  const position = schema.properties.findIndex((property) => property.name === names[0]);
  return { position, accesses, type, inPath: names.join('.') };
}

/** The type of what a step leads to. */
function stepType(container: Type, steps: readonly PathStep[], index: number): Type {
  const path = pathText(steps, index + 1);
  const step = steps[index];
  if (step === undefined) return container;
  if (step.isOptional && container.kind !== 'json') {
    throw new ExpressionError(`invalid ${path}: operator '?' can be used only with json`);
  }
  switch (container.kind) {
    case 'object':
      return propertyType(container, step, index === 0 ? '' : path);
    case 'map':
      return container.elementType;
    case 'json':
      return container;
    default: {
      const parent = `${pathText(steps, index)} (type ${typeText(container)})`;
      throw new ExpressionError(`invalid ${path}: ${parent} cannot have properties or keys`);
    }
  }
}

function propertyType(object: ObjectType, step: PathStep, path: string): Type {
  const property = isPropertyName(step.name) ? object.properties.find(({ name }) => name === step.name) : undefined;
  if (property !== undefined) return property.type;
  throw new ExpressionError(`${path === '' ? '' : `invalid ${path}: `}property "${step.name}" does not exist`);
}

function accessOf(container: Type, steps: readonly PathStep[], index: number): Access {
  const { name = '', isOptional = false } = steps[index] ?? {};
  if (container.kind !== 'json') return { op: 'member', name };
  return { op: 'json', key: name, isOptional, path: pathText(steps, index + 1), parent: pathText(steps, index) };
}
