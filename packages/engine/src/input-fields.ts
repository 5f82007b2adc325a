import {
  compileValidation,
  identity,
  type ObjectType,
  type Property,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { alignInput } from './drift.js';
import type { RawRow, SourceColumn } from './source.js';

/** A field of the source and how it becomes the value of its property. */
export interface InputField {
  readonly position: number;
  readonly name: string;
  readonly nullable: boolean;
  readonly decode: ((field: string) => Value | ValueFailure) | undefined;
}

/**
 * The fields of the properties of a schema, in their order, at the source as it is now.
 * @throws StepError SchemaDrift
 */
export function compileFields(inSchema: ObjectType, columns: readonly SourceColumn[]): InputField[] {
  const positions = alignInput(inSchema, columns);
  return inSchema.properties.map((property, index) => {
    const position = positions[index] ?? -1;
    return {
      position,
      name: property.name,
      nullable: property.nullable === true,
      decode: composeDecode(columns[position]?.decode, property),
    };
  });
}

/** Decoding and checking in one call, or in none where the raw text is a value that nothing can be wrong with. */
function composeDecode(
  decode: SourceColumn['decode'],
  property: Property,
): ((field: string) => Value | ValueFailure) | undefined {
  const validate = compileValidation(property.type, property.nullable === true, property.name);
  if (validate === identity) return decode;
  if (decode === undefined) return validate;
  return (field) => {
    const value = decode(field);
    return value instanceof ValueFailure ? value : validate(value);
  };
}

/** Reads a field's value; what cannot be decoded counts as absent here and is explained as such. */
export function readField({ position, decode }: InputField): (row: RawRow) => Value {
  return (row) => {
    const field = row[position] ?? null;
    if (field === null || decode === undefined) return field;
    const value = decode(field);
    return value instanceof ValueFailure ? null : value;
  };
}

/** Decodes and checks a record into `values` by position of `fields`; the first failure ends it. */
export function decodeInto(values: Value[], fields: readonly InputField[], row: RawRow): ValueFailure | undefined {
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as InputField;
    const raw = row[field.position] ?? null;
    if (raw === null) {
      if (!field.nullable) {
        return new ValueFailure(
          'InputValidation',
          'NotNullable',
          `property '${field.name}' has value null but it is not nullable`,
        );
      }
      values[index] = null;
      continue;
    }
    const value = field.decode === undefined ? raw : field.decode(raw);
    if (value instanceof ValueFailure) return value;
    values[index] = value;
  }
  return undefined;
}
