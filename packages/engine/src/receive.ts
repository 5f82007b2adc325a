import type { PipelineDefinition, RecordFailure } from '@penstock/domain';
import { jsonKind, type ObjectType, type Property, type Value } from '@penstock/language';
import { type InputField, readField } from './input-fields.js';
import type { RawField, RawRow } from './source.js';
import { compileUpdateTime, type ReadUpdateTime } from './update-time.js';
import { compileUserId, type UserIdReader } from './user-id.js';

/** What is known of a record that was received. */
export interface Received {
  readonly userId: string;
  /** Canonical datetime. */
  readonly updatedAt: string;
  /** Whether the record itself says when it was updated. */
  readonly hasOwnTime: boolean;
}

/** Canonical datetimes that hold for all records of a batch. */
export interface BatchTimes {
  /** The latest update time that is believed. */
  readonly latest: string;
  /** Update time of the records that have none of their own: that of their file, or of the run. */
  readonly otherwise: string;
}

/** Receives one record. */
export type Receive = (row: RawRow, times: BatchTimes) => Received | RecordFailure;

/** Compiles the step Receive. */
export function compileReceive(
  definition: PipelineDefinition,
  { inSchema, fields }: { readonly inSchema: ObjectType; readonly fields: readonly InputField[] },
): Receive {
  const userId = compileIdentifier(definition.userIDColumn, inSchema, fields);
  const updateTime = compileTime(definition, inSchema, fields);
  // A file has a time of its own, which a record without one has then.
  const mayLackTime = definition.kind === 'import-from-file';
  return (row, { latest, otherwise }) => {
    const value = userId.value(row);
    const id = userId.read(value);
    if (id === undefined) return failed('Identifier', userId.explain(value), null);
    if (updateTime === undefined || (mayLackTime && updateTime.isAbsent(row))) {
      return { userId: id, updatedAt: otherwise, hasOwnTime: false };
    }
    const time = updateTime.read(updateTime.value(row), latest);
    return 'at' in time ? { userId: id, updatedAt: time.at, hasOwnTime: true } : failed('UpdateTime', time.failure, id);
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
): UpdateTimeColumn | undefined {
  if (column === null) return undefined;
  const [field, property] = fieldOf(column, inSchema, fields);
  const says = property.type.kind === 'json' ? isJsonNull : isNothing;
  return {
    read: compileUpdateTime(column, property.type, updatedAtFormat),
    value: readField(field),
    // What cannot be read as a value is not absent, but wrong.
    isAbsent: (row) => says(row[field.position] ?? null),
  };
}

interface UpdateTimeColumn {
  readonly read: ReadUpdateTime;
  readonly value: (row: RawRow) => Value;
  /** Whether a record says nothing there. */
  readonly isAbsent: (row: RawRow) => boolean;
}

/** Formats of text have the empty text where others have null. */
function isNothing(field: RawField): boolean {
  return field === null || field === '';
}

function isJsonNull(field: RawField): boolean {
  return field === null || (typeof field === 'string' && (field === '""' || jsonKind(field) === 'null'));
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
