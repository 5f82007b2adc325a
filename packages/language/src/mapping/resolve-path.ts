import { isPropertyName } from '../types/property-path.js';
import type { ObjectType, Type } from '../types/type.js';
import { typeText } from '../types/type-text.js';
import { MAX_SHOWN, shownText } from '../values/shown-text.js';
import type { MappingSource } from './compile-scope.js';
import { type PathStep, pathText } from './expression.js';
import { ExpressionError, type Span } from './expression-error.js';
import { JsonObjectReader } from './json-object-reader.js';

/** Steps of a path whose JSON objects are shared with other paths; what lies deeper is small. */
const MAX_SHARED_DEPTH = 4;

const NOWHERE: Span = { text: '', offset: 0, length: 0 };

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
      readonly reader: JsonObjectReader;
      /** Says in a message what cannot be stepped into, whose kind is given. Only made when it is needed. */
      refusal(kind: string): string;
    };

/**
 * Resolves a path against a schema: names of properties through objects, any key through maps and JSON. Throws
 * {@link ExpressionError} when a property does not exist or a value has nothing to step into.
 */
export function resolvePath(steps: readonly PathStep[], source: MappingSource): ResolvedPath {
  const [first] = steps;
  const position = source.positionOf(first?.name ?? '');
  const property = source.schema.properties[position];
  if (first === undefined || property === undefined) throw missing(first);
  if (first.isOptional) throw onlyWithJson(steps, 0);
  const accesses: Access[] = [];
  const names: string[] = [first.name];
  let { type } = property;
  for (let index = 1; index < steps.length; index++) {
    const container: Type = type;
    type = stepType(container, steps, index);
    if (container.kind === 'object') names.push(steps[index]?.name ?? '');
    accesses.push(container.kind === 'json' ? jsonAccess(source, steps, index) : memberAccess(steps, index));
  }
  return { position, accesses, type, inPath: names.join('.') };
}

function missing(first: PathStep | undefined): ExpressionError {
  const { name = '', span = NOWHERE } = first ?? {};
  return new ExpressionError(`property "${name}" does not exist`, span);
}

/** The type of what a step leads to. */
function stepType(container: Type, steps: readonly PathStep[], index: number): Type {
  const step = steps[index];
  if (step === undefined) return container;
  if (step.isOptional && container.kind !== 'json') throw onlyWithJson(steps, index);
  switch (container.kind) {
    case 'object':
      return propertyType(container, steps, index);
    case 'map':
      return container.elementType;
    case 'json':
      return container;
    default: {
      const parent = `${pathText(steps, index)} (type ${typeText(container)})`;
      throw invalid(steps, index, `${parent} cannot have properties or keys`);
    }
  }
}

function onlyWithJson(steps: readonly PathStep[], index: number): ExpressionError {
  return invalid(steps, index, "operator '?' can be used only with json");
}

function invalid(steps: readonly PathStep[], index: number, message: string): ExpressionError {
  return new ExpressionError(`invalid ${pathText(steps, index + 1)}: ${message}`, steps[index]?.span ?? NOWHERE);
}

function propertyType(object: ObjectType, steps: readonly PathStep[], index: number): Type {
  const { name = '' } = steps[index] ?? {};
  const property = isPropertyName(name) ? object.properties.find((candidate) => candidate.name === name) : undefined;
  if (property !== undefined) return property.type;
  throw invalid(steps, index, `property "${name}" does not exist`);
}

function memberAccess(steps: readonly PathStep[], index: number): Access {
  return { op: 'member', name: steps[index]?.name ?? '' };
}

/** The path up to a step, as messages of records show it. */
function shownPath(steps: readonly PathStep[], length: number): string {
  return shownText(pathText(steps, length), MAX_SHOWN.path);
}

function jsonAccess(source: MappingSource, steps: readonly PathStep[], index: number): Access {
  const { name: key = '', isOptional = false } = steps[index] ?? {};
  const refusal = (kind: string): string =>
    `invalid ${shownPath(steps, index + 1)}: ${shownPath(steps, index)} is not JSON object, it is ${kind}`;
  const reader = index <= MAX_SHARED_DEPTH ? source.jsonObjectAt(pathText(steps, index)) : new JsonObjectReader();
  return { op: 'json', key, isOptional, reader, refusal };
}
