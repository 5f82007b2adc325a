import { StepError } from '@penstock/domain';
import { leafProperties, type ObjectType, type Property, type Value, ValueFailure } from '@penstock/language';
import type { SourceColumn } from './source.js';
import type { WarehouseColumn } from './warehouse.js';

/** One for each leaf property of a schema: what the warehouse is asked for, in this order. */
export function columnsOf(schema: ObjectType): readonly WarehouseColumn[] {
  return leafProperties(schema).map(({ path, column, property }) => ({ path, column, type: property.type }));
}

/** Turns the fields of a profile into the values of the top-level properties of a schema, by position. */
export type ReadProfile = (fields: readonly (string | null)[], values: Value[]) => void;

/** In the place of a property that a profile lacks: whoever reads rows tells it from null. */
const ABSENT = undefined as unknown as Value;

/**
 * Compiles how profiles are read. `columns` are those of {@link columnsOf}, as the warehouse delivers them. A property of which the
 * warehouse has nothing is absent: profiles have no null.
 */
export function compileProfileFields(schema: ObjectType, columns: readonly SourceColumn[]): ReadProfile {
  let next = 0;
  const readers = schema.properties.map((property) => {
    const reader = readerOf(property, columns, next);
    next += leavesOf(property);
    return reader;
  });
  return (fields, values) => {
    for (let index = 0; index < readers.length; index += 1) values[index] = readers[index]?.(fields) ?? ABSENT;
  };
}

type FieldReader = (fields: readonly (string | null)[]) => Value | undefined;

function leavesOf({ type }: Property): number {
  return type.kind === 'object' ? leafProperties(type).length : 1;
}

function readerOf({ type }: Property, columns: readonly SourceColumn[], position: number): FieldReader {
  return type.kind === 'object' ? objectReader(type, columns, position) : leafReader(columns, position);
}

function leafReader(columns: readonly SourceColumn[], position: number): FieldReader {
  const column = columns[position];
  const decode = column?.decode;
  if (decode === undefined) return (fields) => fields[position] ?? undefined;
  return (fields) => {
    const field = fields[position];
    if (field === null || field === undefined) return undefined;
    const value = decode(field);
    // What is in the warehouse has been checked when it got there, unless somebody has changed the table since.
    if (value instanceof ValueFailure) throw strange(column?.name ?? '', value);
    return value;
  };
}

function strange(name: string, { message }: ValueFailure): StepError {
  return new StepError('Receive', 'WarehouseRefused', {
    message: `the data warehouse has a value in the column "${name}" that the profile schema does not allow: ${message}`,
  });
}

/** An object of which the warehouse has nothing at all is absent, too. */
function objectReader(type: ObjectType, columns: readonly SourceColumn[], first: number): FieldReader {
  let next = first;
  const members = type.properties.map((property) => {
    const member = [property.name, readerOf(property, columns, next)] as const;
    next += leavesOf(property);
    return member;
  });
  return (fields) => {
    let object: Record<string, Value> | undefined;
    for (const [name, read] of members) {
      const value = read(fields);
      if (value === undefined) continue;
      object ??= Object.create(null) as Record<string, Value>;
      object[name] = value;
    }
    return object;
  };
}
