import type { PipelineDefinition, RecordFailure } from '@penstock/domain';
import type { ObjectType, Property, Value } from '@penstock/language';
import { type InputField, readField } from './input-fields.js';
import type { RawRow } from './source.js';
import { compileUpdateTime, type ReadUpdateTime } from './update-time.js';
import { compileUserId, type UserIdReader } from './user-id.js';

/** What is known of a record that was received. */
export interface Received {
  readonly userId: string;
  /** Canonical datetime. */
  readonly updatedAt: string;
}

/** Receives one record; `latest` is the latest update time that is believed. */
export type Receive = (row: RawRow, latest: string) => Received | RecordFailure;

/** Compiles the step Receive. `runTime` is the update time of records where the source has none. */
export function compileReceive(
  definition: PipelineDefinition,
  { inSchema, fields }: { readonly inSchema: ObjectType; readonly fields: readonly InputField[] },
  runTime: string,
): Receive {
  const userId = compileIdentifier(definition.userIDColumn, inSchema, fields);
  const updateTime = compileTime(definition, inSchema, fields);
  return (row, latest) => {
    const value = userId.value(row);
    const id = userId.read(value);
    if (id === undefined) return failed('Identifier', userId.explain(value), null);
    if (updateTime === undefined) return { userId: id, updatedAt: runTime };
    const time = updateTime.read(updateTime.value(row), latest);
    return 'at' in time ? { userId: id, updatedAt: time.at } : failed('UpdateTime', time.failure, id);
  };
}

function compileIdentifier(
  column: string,
  inSchema: ObjectType,
  fields: readonly InputField[],
): UserIdReader & { readonly value: (row: RawRow) => Value } {
  const [field, property] = fieldOf(column, inSchema, fields);
  return { ...compileUserId(column, property.type), value: readField(field) };
}

function compileTime(
  { updatedAtColumn: column, updatedAtFormat }: PipelineDefinition,
  inSchema: ObjectType,
  fields: readonly InputField[],
): { readonly read: ReadUpdateTime; readonly value: (row: RawRow) => Value } | undefined {
  if (column === null) return undefined;
  const [field, property] = fieldOf(column, inSchema, fields);
  return { read: compileUpdateTime(column, property.type, updatedAtFormat), value: readField(field) };
}

function fieldOf(column: string, inSchema: ObjectType, fields: readonly InputField[]): [InputField, Property] {
  const index = inSchema.properties.findIndex(({ name }) => name === column);
  const field = fields[index];
  const property = inSchema.properties[index];
  if (field === undefined || property === undefined) throw new Error(`column ${column} is not in the input schema`);
  return [field, property];
}

function failed(code: string, message: string, key: string | null): RecordFailure {
  return { step: 'Receive', code, message, key };
}
