import {
  compileValidation,
  identity,
  type ObjectType,
  type Property,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { alignInput } from './drift.js';
import type { RawField, RawRow, SourceColumn, SourceReader } from './source.js';

/** A field of the source and how it becomes the value of its property. */
export interface InputField {
  readonly position: number;
  readonly name: string;
  readonly nullable: boolean;
  /** Whether a record may lack it. */
  readonly optional: boolean;
  readonly decode: DecodeField | undefined;
}

/** A field that is there, and not null. */
type Delivered = NonNullable<RawField>;

type DecodeField = (field: Delivered) => Value | ValueFailure;

/**
 * The fields of the properties of a schema, in their order, at the source as it is now. The first `ownColumns` of the source's columns
 * are not properties.
 * @throws StepError SchemaDrift
 */
export function compileFields(
  inSchema: ObjectType,
  reader: Pick<SourceReader, 'columns' | 'subject'>,
  ownColumns = 0,
): InputField[] {
  const records = { ...reader, columns: reader.columns.slice(ownColumns) };
  const positions = alignInput(inSchema, records).map((position) => position + ownColumns);
  return inSchema.properties.map((property, index) => {
    const position = positions[index] ?? -1;
    return {
      position,
      name: property.name,
      nullable: property.nullable === true,
      optional: property.readOptional === true,
      decode: composeDecode(reader.columns[position]?.decode, property),
    };
  });
}

/** Decoding and checking in one call, or in none where the raw text is a value that nothing can be wrong with. */
function composeDecode(decodeText: SourceColumn['decode'], property: Property): DecodeField | undefined {
  const validate = compileValidation(property.type, property.nullable === true, property.name);
  // Columns with a decoder deliver text only.
  const decode = decodeText as DecodeField | undefined;
  if (validate === identity) return decode;
  return (field) => {
    const value = decode === undefined ? field : decode(field);
    return value instanceof ValueFailure ? value : validate(value);
  };
}

/** Reads a field's value; what cannot be decoded counts as absent here and is explained as such. */
export function readField({ position, decode }: InputField): (row: RawRow) => Value {
  return (row) => {
    const field = row[position] ?? null;
    const value = field === null || decode === undefined ? field : decode(field);
    return value instanceof ValueFailure ? null : value;
  };
}

/** Decodes and checks a record into `values` by position of `fields`; the first failure ends it. */
export function decodeInto(values: Value[], fields: readonly InputField[], row: RawRow): ValueFailure | undefined {
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as InputField;
    const raw = row[field.position];
    if (raw === null || raw === undefined) {
      const failure = raw === null ? nullFailure(field) : missingFailure(field);
      if (failure !== undefined) return failure;
      values[index] = raw === null ? null : ABSENT;
      continue;
    }
    const value = field.decode === undefined ? raw : field.decode(raw);
    if (value instanceof ValueFailure) return value;
    values[index] = value;
  }
  return undefined;
}

/** In the place of a property that a record lacks: whoever reads rows tells it from null. */
const ABSENT = undefined as unknown as Value;

function nullFailure({ name, nullable }: InputField): ValueFailure | undefined {
  if (nullable) return undefined;
  return new ValueFailure('InputValidation', 'NotNullable', `property '${name}' has value null but it is not nullable`);
}

function missingFailure({ name, optional }: InputField): ValueFailure | undefined {
  if (optional) return undefined;
  const message = `property '${name}' does not have a value, but the property is not optional for reading`;
  return new ValueFailure('InputValidation', 'Missing', message);
}
