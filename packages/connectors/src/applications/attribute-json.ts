import type { DestinationColumn } from '@penstock/engine';
import { compileConversion, type Value, ValueFailure } from '@penstock/language';

/** The JSON text of a value, or why JSON cannot say it. */
export type AttributeEncoder = (value: Value) => string | ValueFailure;

/** Encoders by property: numbers with all their digits, times as RFC 3339. */
export function attributeEncoders(columns: readonly DestinationColumn[]): ReadonlyMap<string, AttributeEncoder> {
  return new Map(columns.map(({ name, type }) => [name, encoderOf({ name, type })]));
}

function encoderOf({ name, type }: DestinationColumn): AttributeEncoder {
  const context = { expression: name, outPath: name, nullable: true };
  // JSON is itself already, and is not converted.
  const convert = type.kind === 'json' ? (value: Value) => value : compileConversion(type, { kind: 'json' }, context);
  return (value) => {
    if (value === null) return 'null';
    const json = convert(value);
    return json instanceof ValueFailure ? json : String(json);
  };
}
