import type { ErrorDetail } from '@penstock/domain';
import {
  compileDataReader,
  DataFailure,
  isObjectValue,
  memberOf,
  type ObjectType,
  type Property,
  typeText,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { cutText, MAX_FINDINGS, pathText } from '../../contracts/violations.js';
import { patternStates } from '../configuration/pipeline-rules/schema-size.js';
import { takeTurns } from './take-turns.js';
import { lengthOf, patternWeight, WorkBudget } from './work-bounds.js';

export interface ReadRecords {
  /** Values by position of the schema's properties; a property that a record lacks is a hole. */
  readonly rows: readonly (readonly Value[])[];
  readonly violations: readonly ErrorDetail[];
}

/**
 * Reads records in the JSON of the API. Everything that does not fit the schema is a finding, at most 100 of them; none shows a
 * value. @throws AppError BadRequest when the schema's patterns are too long for the records; the signal's reason
 */
export async function readRecords(
  schema: ObjectType,
  records: readonly unknown[],
  signal: AbortSignal,
): Promise<ReadRecords> {
  const violations: ErrorDetail[] = [];
  const rows: Value[][] = [];
  const readRecord = compileRecordReader(schema);
  const turn = takeTurns(signal);
  for (const [index, record] of records.entries()) {
    rows.push(
      readRecord(record, (path, message) => {
        if (violations.length === MAX_FINDINGS) return;
        violations.push({ path: cutText(placeOf(index, path)), message: cutText(message) });
      }),
    );
    if (violations.length === MAX_FINDINGS) break;
    await turn();
  }
  return { rows, violations };
}

type Report = (path: string, message: string) => void;

function compileRecordReader({ properties }: ObjectType): (record: unknown, report: Report) => Value[] {
  const budget = new WorkBudget(
    'the patterns of the schema are too long for records of this size: send fewer or smaller records',
  );
  const members = properties.map((property) => compileMemberReader(property, budget));
  const names = new Set(properties.map(({ name }) => name));
  return (record, report) => {
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      report('', 'must be an object');
      return [];
    }
    const row = new Array<Value>(members.length);
    for (const [position, readMember] of members.entries()) {
      const value = readMember(record as Readonly<Record<string, unknown>>, report);
      if (value !== undefined) row[position] = value;
    }
    for (const name of Object.keys(record)) {
      if (!names.has(name)) report(pathText([name]), 'is not in the schema');
    }
    return row;
  };
}

/** Reads a property of records; undefined where a record lacks it. */
function compileMemberReader(property: Property, budget: WorkBudget) {
  const { name, readOptional } = property;
  const weight = patternWeight(patternStates(property.type));
  const read = compileDataReader({ kind: 'object', properties: [property] });
  return (record: Readonly<Record<string, unknown>>, report: Report): Value | undefined => {
    if (!Object.hasOwn(record, name)) {
      if (!readOptional) report(name, missing(property));
      return undefined;
    }
    if (weight > 0) budget.take(weight, lengthOf(record[name]));
    const object = read({ [name]: record[name] });
    if (object instanceof DataFailure) report(object.path, textOf(object, property));
    else if (object instanceof ValueFailure) report(name, object.message);
    else if (isObjectValue(object)) return memberOf(object, name) ?? null;
    return undefined;
  };
}

function missing({ nullable }: Property): string {
  return `is missing: give it ${nullable ? 'a value or null' : 'a value'}, or make the property readOptional`;
}

/** What a value should have been is known where it is the property's own. */
function textOf({ code, path, text }: DataFailure, { name, type }: Property): string {
  if (code !== 'NotValid' || path !== name) return text;
  const isBig = type.kind === 'int' && type.bitSize === 64;
  return `is not of type ${typeText(type)}${isBig ? ': integers of 64 bits are texts of digits' : ''}`;
}

function placeOf(index: number, path: string): string {
  const record = `records[${index}]`;
  if (path === '') return record;
  return path.startsWith('[') ? `${record}${path}` : `${record}.${path}`;
}
