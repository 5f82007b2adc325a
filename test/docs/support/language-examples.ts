import {
  compileFilter,
  compileMapping,
  FilterError,
  fromDataJson,
  MappingError,
  type MappingViolation,
  type ObjectType,
  type Purpose,
  parseFilter,
  parseSchema,
  type Type,
  toDataJson,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { testedBlock, unquote } from './documents.js';

export const LANGUAGE_DOCUMENT = 'docs/data-language.md';

export const IN_SCHEMA = readSchema('in schema');
export const OUT_SCHEMA = readSchema('out schema');

/** What becomes of an example: a value as data JSON (undefined is nothing), or a verdict and perhaps a message. */
export type Outcome = { readonly data: unknown } | { readonly verdict: string; readonly message?: string };

function readSchema(name: string): ObjectType {
  return parseSchema(JSON.parse(testedBlock(LANGUAGE_DOCUMENT, name)));
}

/** Reads a cell: `a value`, nothing, a verdict, or a verdict: `a message`. */
export function readOutcome(cell: string): Outcome {
  if (cell === 'nothing') return { data: undefined };
  if (/^`.*`$/.test(cell)) return { data: JSON.parse(unquote(cell)) as unknown };
  const [, verdict, message] = /^(.*?): `(.*)`$/.exec(cell) ?? [];
  return verdict === undefined || message === undefined ? { verdict: cell } : { verdict, message };
}

export function dataOf(type: Type, value: Value): unknown {
  return value === null ? undefined : toDataJson(type, value);
}

/** The canonical value of data JSON. Throws when it is none of the type: then the example is wrong. */
export function readValue(type: Type, json: unknown): Value {
  const value = fromDataJson(type, json);
  if (value instanceof ValueFailure) throw new Error(`the example is not valid: ${value.message}`);
  return value;
}

/** The row of a record, with undefined for properties that are missing. */
export function rowOf(record: Readonly<Record<string, unknown>>): Value[] {
  const unknown = Object.keys(record).find((name) => !IN_SCHEMA.properties.some((property) => property.name === name));
  if (unknown !== undefined) throw new Error(`the example schema has no property ${unknown}`);
  return IN_SCHEMA.properties.map(({ name, type }) =>
    Object.hasOwn(record, name) ? readValue(type, record[name]) : (undefined as unknown as Value),
  );
}

interface MappingExample {
  readonly expression: string;
  readonly into: string;
  readonly record: string;
  readonly purpose?: Purpose;
}

/** Maps one record by one expression. */
export function mappingOutcome({ expression, into, record, purpose }: MappingExample): Outcome {
  try {
    const mapping = compileMapping({ [into]: expression }, IN_SCHEMA, OUT_SCHEMA, purpose);
    const out: Value[] = [];
    const failure = mapping.evaluate(rowOf(JSON.parse(record) as Record<string, unknown>), out);
    if (failure !== undefined) return { verdict: `fails at ${failure.step}`, message: failure.message };
    const [property] = mapping.outProperties;
    return { data: property === undefined ? undefined : dataOf(property.type, out[0] ?? null) };
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return refusedMapping(error);
  }
}

/** What is wrong with an expression whose result may be anything. */
export function violationsOf(expression: string): readonly MappingViolation[] {
  try {
    compileMapping({ json: expression }, IN_SCHEMA, OUT_SCHEMA);
    return [];
  } catch (error) {
    if (error instanceof MappingError) return error.violations;
    throw error;
  }
}

function refusedMapping({ violations }: MappingError): Outcome {
  const [violation, ...others] = violations;
  if (violation?.position === undefined || others.length > 0) return { verdict: `refused: ${violations.length} times` };
  const { line, column } = violation.position;
  return { verdict: `refused at ${line}:${column}`, message: violation.message };
}

/** Filters one record by one condition; `values` is JSON, or empty where the key is left out. */
export function filterOutcome([property, operator, values, record]: readonly string[]): Outcome {
  const condition = { property, operator, ...(values ? { values: JSON.parse(values) as unknown } : {}) };
  try {
    const filter = parseFilter({ logical: 'and', conditions: [condition] }, IN_SCHEMA, 'import');
    const row = rowOf(JSON.parse(record ?? '') as Record<string, unknown>);
    return { verdict: compileFilter(filter, IN_SCHEMA)(row) ? 'kept' : 'dropped' };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { verdict: 'refused', message: error.violations.map((violation) => violation.message).join('; ') };
  }
}
