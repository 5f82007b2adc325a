import type { ErrorDetail, TransformationDefinition } from '@penstock/domain';
import type { FunctionDefinition } from '@penstock/language';
import { functionMembers } from '../../../contracts/transformations.js';
import { pathText } from '../../../contracts/violations.js';
import { readDraft } from './draft.js';

/** A transformation of which everything that is right by itself has been read, whatever is wrong with the rest. */
export interface TransformationDraft {
  /** What it is by, when it is one of both. */
  readonly mapping?: MappingDraft;
  readonly function?: FunctionDraft;
  readonly violations: readonly ErrorDetail[];
}

export interface MappingDraft {
  /** The expressions that are texts, by out path. */
  readonly expressions: Readonly<Record<string, string>>;
  /** All out paths. */
  readonly outPaths: readonly string[];
}

export interface FunctionDraft {
  /** With something harmless for every member that could not be read. */
  readonly definition: FunctionDefinition;
  readonly unreadable: ReadonlySet<string>;
}

const HARMLESS: FunctionDefinition = {
  ...{ language: 'JavaScript', source: '0', preserveJSON: false, inPaths: [], outPaths: [] },
};

/** Reads the member `transformation` of a body. */
export function readTransformation(json: unknown): TransformationDraft {
  const path = 'transformation';
  if (json === undefined) return refused(path, 'is required');
  if (!isObject(json)) return refused(path, 'must be an object');
  const { mapping, function: definition } = json;
  if (mapping != null && definition != null)
    return refused(path, 'must not have both mapping and function: leave one of them out');
  if (mapping != null) return readMapping(mapping);
  return definition != null ? readFunction(definition) : refused(path, 'must have mapping or function');
}

/** What is stored of a transformation without violations. The paths of a function are a set: the same ones in another order are no change. */
export function toTransformation({ mapping, function: ofFunction }: TransformationDraft): TransformationDefinition {
  if (ofFunction === undefined) return { mapping: { ...mapping?.expressions } };
  const { inPaths, outPaths, ...definition } = ofFunction.definition;
  return { function: { ...definition, inPaths: inPaths.toSorted(), outPaths: outPaths.toSorted() } };
}

/** All that a transformation writes; undefined when that is not known. */
export function outPathsOf({ mapping, function: ofFunction }: TransformationDraft): readonly string[] | undefined {
  if (mapping !== undefined) return mapping.outPaths;
  if (ofFunction === undefined || ofFunction.unreadable.has('outPaths')) return undefined;
  return ofFunction.definition.outPaths;
}

function readMapping(json: unknown): TransformationDraft {
  if (!isObject(json)) return refused('transformation.mapping', 'must be an object');
  const entries = Object.entries(json);
  const isExpression = (entry: readonly [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  const wrong = entries.filter((entry) => !isExpression(entry));
  return {
    mapping: { expressions: Object.fromEntries(entries.filter(isExpression)), outPaths: Object.keys(json) },
    violations: wrong.map(([outPath]) => ({
      path: pathText(['transformation', 'mapping', outPath]),
      message: 'must be a string: an expression',
    })),
  };
}

function readFunction(json: unknown): TransformationDraft {
  if (!isObject(json)) return refused('transformation.function', 'must be an object');
  const { members, unreadable, violations } = readDraft(functionMembers, json);
  return {
    function: { definition: { ...HARMLESS, ...members }, unreadable },
    violations: violations.map(({ path, message }) => ({ path: `transformation.function.${path}`, message })),
  };
}

function refused(path: string, message: string): TransformationDraft {
  return { violations: [{ path, message }] };
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
