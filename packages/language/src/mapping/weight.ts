import { patternSize } from '../pattern/compile-pattern.js';
import type { Type } from '../types/type.js';
import { textLengthOf } from '../values/text-limit.js';
import type { Value } from '../values/value.js';

/** How much work a term is, beside the conversion of its value. */
export interface Effort {
  /** How many times the text of a record its value may hold; of what is written out {@link WRITTEN_UNIT} characters count once. */
  readonly size: number;
  /** How many times the text of a record is gone through to make the value. */
  readonly weight: number;
}

/** Characters of a constant that count as one text of a record. */
const WRITTEN_UNIT = 64;

/** Going through JSON takes about as long as going this many times through a text. */
const JSON_COST = 4;

/** A state of a pattern for a character takes as long as going so many times through it, with texts made to be slow. */
const STATE_COST = 25;

/** Arguments that are worth one more time through the text. */
const ARGUMENTS_UNIT = 8;

export const NO_EFFORT: Effort = { size: 0, weight: 0 };

/** The effort of a value that is written out. */
export function constantEffort(value: Value): Effort {
  return { size: Math.floor(textLengthOf(value) / WRITTEN_UNIT), weight: 0 };
}

/** The effort of reading a path, of which `jsonSteps` lead through JSON. */
export function pathEffort(jsonSteps: number): Effort {
  return { size: 1, weight: jsonSteps * JSON_COST };
}

/** The effort of joining terms; those that are not constant count at least once. */
export function concatenationEffort(terms: readonly (Effort & { readonly isConstant: boolean })[]): Effort {
  const size = terms.reduce((total, term) => total + term.size, 0);
  const work = terms.reduce((total, term) => total + Math.max(term.size, term.isConstant ? 0 : 1), 0);
  return { size, weight: totalWeight(terms) + work };
}

/** What a function makes of the texts of its arguments. */
export interface FunctionEffort {
  /** How many times it goes through each of its arguments. */
  readonly cost: number;
  /** What of the texts of its arguments its result may hold: all, that of one of them, or none. */
  readonly keeps: 'all' | 'one' | 'none';
}

/** The effort of a call with these arguments. */
export function callEffort({ cost, keeps }: FunctionEffort, args: readonly Effort[]): Effort {
  const sizes = args.map((argument) => argument.size);
  const all = sizes.reduce((total, size) => total + size, 0);
  const largest = sizes.reduce((greatest, size) => Math.max(greatest, size), 0);
  const size = keeps === 'all' ? all : keeps === 'one' ? largest : 0;
  const work = Math.max(1, args.length / ARGUMENTS_UNIT, keeps === 'one' ? 0 : all);
  return { size, weight: totalWeight(args) + cost * work };
}

/** The weight of converting values of one type to another, for each text of a record that they hold. */
export function conversionWeight(from: Type, to: Type): number {
  const isJson = from.kind === 'json' || to.kind === 'json';
  const readings = isJson ? JSON_COST * (1 + depthOf(from.kind === 'json' ? to : from)) : 1;
  return readings + patternWeight(to);
}

/** How many types the most deeply nested type within one is nested in. */
function depthOf(type: Type): number {
  if (type.kind === 'array' || type.kind === 'map') return 1 + depthOf(type.elementType);
  if (type.kind !== 'object') return 0;
  return 1 + type.properties.reduce((deepest, property) => Math.max(deepest, depthOf(property.type)), 0);
}

/** The largest pattern anywhere within a type. */
function patternWeight(type: Type): number {
  if (type.kind === 'string') return type.pattern === undefined ? 0 : patternSize(type.pattern) * STATE_COST;
  if (type.kind === 'array' || type.kind === 'map') return patternWeight(type.elementType);
  if (type.kind !== 'object') return 0;
  return type.properties.reduce((heaviest, property) => Math.max(heaviest, patternWeight(property.type)), 0);
}

function totalWeight(efforts: readonly Effort[]): number {
  return efforts.reduce((total, { weight }) => total + weight, 0);
}
