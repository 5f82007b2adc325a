import {
  compileMapping,
  MappingError,
  type MappingViolation,
  type ObjectType,
  type Property,
  type Type,
  type Value,
  type ValueFailure,
} from '../src/index.js';

export const property = (name: string, type: Type): Property => ({ name, type, nullable: true, description: '' });
export const object = (...properties: Property[]): ObjectType => ({ kind: 'object', properties });
export const arrayOf = (elementType: Type): Type => ({ kind: 'array', elementType });
export const mapOf = (elementType: Type): Type => ({ kind: 'map', elementType });

export const text: Type = { kind: 'string' };
export const boolean: Type = { kind: 'boolean' };
export const json: Type = { kind: 'json' };
export const int32: Type = { kind: 'int', bitSize: 32 };
export const int64: Type = { kind: 'int', bitSize: 64 };
export const int8: Type = { kind: 'int', bitSize: 8 };
export const float64: Type = { kind: 'float', bitSize: 64 };
export const float32: Type = { kind: 'float', bitSize: 32 };
export const decimal: Type = { kind: 'decimal', precision: 10, scale: 4 };

/** One property of each kind, named by its type. */
export const inSchema = object(
  property('s', text),
  property('s2', text),
  property('b', boolean),
  property('b2', boolean),
  property('i8', int8),
  property('i', int32),
  property('i64', int64),
  property('f', float64),
  property('f32', float32),
  property('d', decimal),
  property('d2', { kind: 'decimal', precision: 20, scale: 2 }),
  property('ts', { kind: 'datetime' }),
  property('day', { kind: 'date' }),
  property('t', { kind: 'time' }),
  property('y', { kind: 'year' }),
  property('u', { kind: 'uuid' }),
  property('ip', { kind: 'ip' }),
  property('j', json),
  property('j2', json),
  property('a', arrayOf(text)),
  property('a2', arrayOf(text)),
  property('m', mapOf(int32)),
  property('o', object(property('x', text), property('y', int32))),
  property('choice', { kind: 'string', values: ['p', 'q'] }),
);

export type Row = Record<string, Value>;

/** A row of the schema from its properties by name; the others are null. */
export function rowOf(values: Row): Value[] {
  return inSchema.properties.map(({ name }) => values[name] ?? null);
}

/** Evaluates an expression over a row, for a property `out` of a type. */
export function evaluate(expression: string, values: Row = {}, outType: Type = text): Value | ValueFailure {
  const mapping = compileMapping({ out: expression }, inSchema, object(property('out', outType)));
  const out: Value[] = [];
  return mapping.evaluate(rowOf(values), out) ?? out[0] ?? null;
}

/** What is wrong with an expression for a property of a type. */
export function violations(expression: string, outType: Type = text): readonly MappingViolation[] {
  try {
    compileMapping({ out: expression }, inSchema, object(property('out', outType)));
  } catch (error) {
    if (error instanceof MappingError) return error.violations;
    throw error;
  }
  return [];
}

export function messages(expression: string, outType: Type = text): readonly string[] {
  return violations(expression, outType).map(({ message }) => message);
}
