import type { PipelineDefinition, RecordFailure } from '@penstock/domain';
import {
  type CompiledMapping,
  compileMapping,
  compileValidation,
  identity,
  type ObjectType,
  type Property,
  parseSchema,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { alignInput, alignOutput } from './drift.js';
import type { RawRow, SourceColumn } from './source.js';
import { compileUpdateTime, type ReadUpdateTime } from './update-time.js';
import { compileUserId, type UserIdReader } from './user-id.js';
import type { StagedRow } from './warehouse.js';

/** What became of one record: staged, or failed at a step. */
export type RecordOutcome = StagedRow | RecordFailure;

export function isStaged(outcome: RecordOutcome): outcome is StagedRow {
  return Array.isArray(outcome);
}

export interface CompiledImport {
  /** Whether the records carry an update time of their own. */
  readonly hasUpdateTime: boolean;
  /** Greatest update time of the records so far that were read and valid, whatever their transformation did. */
  readonly greatestUpdateTime: () => string | null;
  /** Takes one record through the steps. `latest` is the latest update time that is believed. */
  readonly take: (row: RawRow, latest: string) => RecordOutcome;
}

/** A field of the source and how it becomes the value of its property. */
interface InputField {
  readonly position: number;
  readonly name: string;
  readonly nullable: boolean;
  readonly decode: ((field: string) => Value | ValueFailure) | undefined;
}

/** The pipeline's own half of a compiled import, which needs no source: what it maps and what it writes. */
export interface ImportMapping {
  readonly inSchema: ObjectType;
  readonly mapping: CompiledMapping;
}

/**
 * Compiles schemas and mapping of a definition, once per run.
 * @throws StepError SchemaDrift when the profile schema does not have what the pipeline writes.
 */
export function compileImportMapping(definition: PipelineDefinition, profileSchema: ObjectType): ImportMapping {
  const inSchema = parseSchema(definition.inSchema);
  const mapping = compileMapping(definition.transformation.mapping, inSchema, parseSchema(definition.outSchema));
  alignOutput(mapping.outProperties, mapping.outPaths, profileSchema);
  return { inSchema, mapping };
}

/**
 * Compiles a definition against the columns that the source has now into one function over a record.
 * @throws StepError SchemaDrift
 */
export function compileImport(
  definition: PipelineDefinition,
  { inSchema, mapping }: ImportMapping,
  columns: readonly SourceColumn[],
  /** Update time of records where the source has none. */
  runTime: string,
): CompiledImport {
  const fields = compileFields(inSchema, columns);
  const receive = compileReceive(definition, inSchema, fields, runTime);
  const evaluate = compileEvaluation(fields, mapping);
  let greatest = '';
  return {
    hasUpdateTime: definition.updatedAtColumn !== null,
    greatestUpdateTime: () => (greatest === '' ? null : greatest),
    take: (row, latest) => {
      const received = receive(row, latest);
      if ('step' in received) return received;
      const outcome = evaluate(row, received.userId, received.updatedAt);
      if (received.updatedAt > greatest && (isStaged(outcome) || outcome.step !== 'InputValidation')) {
        greatest = received.updatedAt;
      }
      return outcome;
    },
  };
}

function compileFields(inSchema: ObjectType, columns: readonly SourceColumn[]): InputField[] {
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
  const validate = compileValidation(property.type, property.nullable === true);
  if (validate === identity) return decode;
  if (decode === undefined) return validate;
  return (field) => {
    const value = decode(field);
    return value instanceof ValueFailure ? value : validate(value);
  };
}

interface Received {
  readonly userId: string;
  readonly updatedAt: string;
}

function compileReceive(
  definition: PipelineDefinition,
  inSchema: ObjectType,
  fields: readonly InputField[],
  runTime: string,
): (row: RawRow, latest: string) => Received | RecordFailure {
  const userId = compileIdentifier(definition.userIDColumn, inSchema, fields);
  const updateTime = compileTime(definition.updatedAtColumn, inSchema, fields);
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
  column: string | null,
  inSchema: ObjectType,
  fields: readonly InputField[],
): { readonly read: ReadUpdateTime; readonly value: (row: RawRow) => Value } | undefined {
  if (column === null) return undefined;
  const [field, property] = fieldOf(column, inSchema, fields);
  return { read: compileUpdateTime(column, property.type), value: readField(field) };
}

function fieldOf(column: string, inSchema: ObjectType, fields: readonly InputField[]): [InputField, Property] {
  const index = inSchema.properties.findIndex(({ name }) => name === column);
  const field = fields[index];
  const property = inSchema.properties[index];
  if (field === undefined || property === undefined) throw new Error(`column ${column} is not in the input schema`);
  return [field, property];
}

/** A field's value; what cannot be decoded counts as absent here and is explained as such. */
function readField({ position, decode }: InputField): (row: RawRow) => Value {
  return (row) => {
    const field = row[position] ?? null;
    if (field === null || decode === undefined) return field;
    const value = decode(field);
    return value instanceof ValueFailure ? null : value;
  };
}

/** InputValidation, Transformation and OutputValidation of a record that was received. */
function compileEvaluation(
  fields: readonly InputField[],
  mapping: CompiledMapping,
): (row: RawRow, userId: string, updatedAt: string) => RecordOutcome {
  // One array serves all records: the mapping reads it before the next record is taken.
  const values: Value[] = fields.map(() => null);
  const out: Value[] = mapping.outPaths.map(() => null);
  return (row, userId, updatedAt) => {
    const invalid = decodeInto(values, fields, row);
    const failure = invalid ?? mapping.evaluate(values, out);
    if (failure !== undefined) return { step: failure.step, code: failure.code, message: failure.message, key: userId };
    return [userId, updatedAt, ...out];
  };
}

function decodeInto(values: Value[], fields: readonly InputField[], row: RawRow): ValueFailure | undefined {
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as InputField;
    const raw = row[field.position] ?? null;
    if (raw === null) {
      if (!field.nullable)
        return new ValueFailure('InputValidation', 'Null', `property "${field.name}" cannot be null`);
      values[index] = null;
      continue;
    }
    const value = field.decode === undefined ? raw : field.decode(raw);
    if (value instanceof ValueFailure) return value;
    values[index] = value;
  }
  return undefined;
}

function failed(code: string, message: string, key: string | null): RecordFailure {
  return { step: 'Receive', code, message, key };
}
