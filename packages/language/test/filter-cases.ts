import {
  compileFilter,
  FilterError,
  type FilterOperator,
  type FilterUse,
  type FilterViolation,
  type ObjectType,
  type Property,
  parseFilter,
  type Type,
  type Value,
} from '../src/index.js';

/** A schema of one property, `p`. */
export function schemaOf(type: Type, flags: Partial<Property> = {}): ObjectType {
  return { kind: 'object', properties: [{ name: 'p', type, description: '', ...flags }] };
}

/** The JSON of a filter of one condition on `p`. */
export function filterOf(operator: string, values?: readonly unknown[], property = 'p'): unknown {
  return { logical: 'and', conditions: [{ property, operator, ...(values && { values }) }] };
}

/** What is wrong with a filter; empty when it is valid. */
export function violationsOf(json: unknown, schema: ObjectType, use: FilterUse = 'import'): readonly FilterViolation[] {
  try {
    parseFilter(json, schema, use);
    return [];
  } catch (error) {
    if (error instanceof FilterError) return error.violations;
    throw error;
  }
}

/** The messages about a filter of one condition on `p`. */
export function messagesOf(type: Type, operator: string, values?: readonly unknown[]): readonly string[] {
  return violationsOf(filterOf(operator, values), schemaOf(type)).map(({ message }) => message);
}

/** Whether a value of `p` meets a condition; undefined is missing. */
export function holds(
  type: Type,
  operator: FilterOperator,
  values: readonly string[] | undefined,
  value: Value | undefined,
): boolean {
  const schema = schemaOf(type, { nullable: true, readOptional: true });
  const row: Value[] = [];
  if (value !== undefined) row[0] = value;
  return compileFilter(parseFilter(filterOf(operator, values), schema, 'import'), schema)(row);
}

/** A type of every kind, and one valid value for a condition on it. */
export const KIND_SAMPLES = {
  string: [{ kind: 'string' }, 'x'],
  enumeration: [{ kind: 'string', values: ['x', 'y'] }, 'x'],
  'enumeration with ""': [{ kind: 'string', values: ['x', ''] }, 'x'],
  boolean: [{ kind: 'boolean' }, 'true'],
  int: [{ kind: 'int', bitSize: 32 }, '1'],
  'int 64': [{ kind: 'int', bitSize: 64 }, '1'],
  unsigned: [{ kind: 'int', bitSize: 64, unsigned: true }, '1'],
  float: [{ kind: 'float', bitSize: 64 }, '1'],
  decimal: [{ kind: 'decimal', precision: 5 }, '1'],
  year: [{ kind: 'year' }, '2024'],
  datetime: [{ kind: 'datetime' }, '2024-01-02T10:20:30'],
  date: [{ kind: 'date' }, '2024-01-02'],
  time: [{ kind: 'time' }, '10:20:30'],
  uuid: [{ kind: 'uuid' }, '00000000-0000-0000-0000-00000000000a'],
  ip: [{ kind: 'ip' }, '10.0.0.1'],
  json: [{ kind: 'json' }, 'x'],
  array: [{ kind: 'array', elementType: { kind: 'string' } }, 'x'],
  'array of decimals': [{ kind: 'array', elementType: { kind: 'decimal', precision: 3 } }, '1'],
  'array of json': [{ kind: 'array', elementType: { kind: 'json' } }, '1'],
  'array of booleans': [{ kind: 'array', elementType: { kind: 'boolean' } }, 'true'],
  'array of arrays': [{ kind: 'array', elementType: { kind: 'array', elementType: { kind: 'string' } } }, 'x'],
  'array of maps': [{ kind: 'array', elementType: { kind: 'map', elementType: { kind: 'string' } } }, 'x'],
  'array of objects': [{ kind: 'array', elementType: schemaOf({ kind: 'string' }) }, 'x'],
  object: [schemaOf({ kind: 'string' }), 'x'],
  map: [{ kind: 'map', elementType: { kind: 'string' } }, 'x'],
} as const satisfies Record<string, readonly [Type, string]>;

export type KindSample = keyof typeof KIND_SAMPLES;
