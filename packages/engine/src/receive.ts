import { IMPORT_TRAITS, type ImportDefinition, type RecordFailure } from '@penstock/domain';
import { jsonKind, type ObjectType, type Type, type Value } from '@penstock/language';
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
  definition: ImportDefinition,
  { inSchema, fields }: { readonly inSchema: ObjectType; readonly fields: readonly InputField[] },
): Receive {
  const columns = identityColumns(definition, inSchema, fields);
  const userId = compileIdentifier(columns.userId);
  const updateTime = columns.updatedAt && compileTime(columns.updatedAt);
  // A file has a time of its own, which a record without one has then.
  const { mayLackTime } = IMPORT_TRAITS[definition.kind];
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

/** A column that says who a record is, or when it changed. */
interface IdentityColumn {
  readonly name: string;
  readonly field: InputField;
  readonly type: Type;
  /** How its text is read as a time. */
  readonly format: string | null;
}

/** An application says by itself who a user is and when it changed: in the first two columns, which are no properties. */
const APPLICATION_COLUMNS = {
  userId: { name: 'id', field: ownField('id', 0), type: { kind: 'string' }, format: null },
  updatedAt: { name: 'update time', field: ownField('update time', 1), type: { kind: 'datetime' }, format: null },
} as const satisfies Record<string, IdentityColumn>;

/** How many columns of a source are no properties, but say who a record is and when it changed. */
export function ownColumns({ kind }: ImportDefinition): number {
  return kind === 'import-from-application' ? Object.keys(APPLICATION_COLUMNS).length : 0;
}

function ownField(name: string, position: number): InputField {
  return { position, name, nullable: false, optional: false, decode: undefined };
}

function identityColumns(
  definition: ImportDefinition,
  inSchema: ObjectType,
  fields: readonly InputField[],
): { readonly userId: IdentityColumn; readonly updatedAt: IdentityColumn | undefined } {
  if (definition.kind === 'import-from-application') return APPLICATION_COLUMNS;
  const { userIDColumn, updatedAtColumn, updatedAtFormat: format } = definition;
  const column = (name: string): IdentityColumn => ({ name, ...fieldOf(name, inSchema, fields), format });
  return {
    userId: column(userIDColumn),
    updatedAt: updatedAtColumn === null ? undefined : column(updatedAtColumn),
  };
}

function compileIdentifier({ name, field, type }: IdentityColumn): UserIdReader & {
  readonly value: (row: RawRow) => Value;
} {
  return { ...compileUserId(name, type), value: readField(field) };
}

function compileTime({ name, field, type, format }: IdentityColumn): UpdateTimeColumn {
  const says = type.kind === 'json' ? isJsonNull : isNothing;
  return {
    read: compileUpdateTime(name, type, format),
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

function fieldOf(
  column: string,
  inSchema: ObjectType,
  fields: readonly InputField[],
): { readonly field: InputField; readonly type: Type } {
  const index = inSchema.properties.findIndex(({ name }) => name === column);
  const field = fields[index];
  const property = inSchema.properties[index];
  if (field === undefined || property === undefined) throw new Error(`column ${column} is not in the input schema`);
  return { field, type: property.type };
}

function failed(code: string, message: string, key: string | null): RecordFailure {
  return { step: 'Receive', code, message, key };
}
