import { createContext, runInContext } from 'node:vm';
import {
  type CompiledFunction,
  compileFunction,
  type FunctionDefinition,
  type ObjectType,
  type Property,
  type Purpose,
  type Type,
  type Value,
  ValueFailure,
} from '../src/index.js';

/** Flags of a property; nullable unless they say otherwise. */
export type Flags = Partial<Pick<Property, 'nullable' | 'readOptional' | 'createRequired' | 'updateRequired'>>;

export function propertyOf(name: string, type: Type, flags: Flags = { nullable: true }): Property {
  return { name, type, ...flags, description: '' };
}

export function objectOf(...properties: readonly Property[]): ObjectType {
  return { kind: 'object', properties };
}

export interface Trial {
  readonly input?: ObjectType;
  readonly output?: ObjectType;
  readonly source: string;
  readonly preserveJSON?: boolean;
  readonly purpose?: Purpose;
  readonly inPaths?: readonly string[];
  readonly outPaths?: readonly string[];
  readonly rows?: readonly (readonly Value[])[];
}

const ANYTHING = objectOf(propertyOf('x', { kind: 'string' }));

function namesOf(schema: ObjectType): readonly string[] {
  return schema.properties.map((property) => property.name);
}

export function compileTrial(trial: Trial): CompiledFunction {
  const { input = ANYTHING, output = ANYTHING, source, preserveJSON = false, purpose = 'Import' } = trial;
  const { inPaths = namesOf(input), outPaths = namesOf(output) } = trial;
  const definition: FunctionDefinition = { language: 'JavaScript', source, preserveJSON, inPaths, outPaths };
  return compileFunction(definition, input, output, { purpose });
}

/** Answers a batch as a sandbox does, but in a context of this process: for functions that mean no harm. */
export function answerHere({ program }: CompiledFunction, batch: string): string {
  const context = createContext({});
  runInContext('class InternalError extends Error {}; globalThis.InternalError = InternalError;', context);
  const bind: unknown = runInContext(program.bridge, context);
  if (typeof bind !== 'function') throw new TypeError('the bridge is no function');
  const connect: unknown = bind(() => false);
  runInContext(program.source, context);
  if (typeof connect !== 'function') throw new TypeError('the bridge gives no function');
  return String(connect(runInContext('transform', context))(batch));
}

/** Runs a function: the values of each record by out path, or its failure as `step code: message`. */
export function runTrial(trial: Trial): readonly (Record<string, Value> | string)[] {
  const { rows = [['a']] } = trial;
  const compiled = compileTrial(trial);
  const outcomes = compiled.decodeBatch(answerHere(compiled, compiled.encodeBatch(rows)), rows.length);
  return outcomes.map((outcome) => {
    if (outcome instanceof ValueFailure) return `${outcome.step} ${outcome.code}: ${outcome.message}`;
    return Object.fromEntries(compiled.outPaths.map((path, index) => [path, outcome[index] ?? null]));
  });
}
