import type { ErrorDetail } from '@penstock/domain';
import {
  DataFailure,
  fromDataJson,
  isObjectValue,
  memberOf,
  type ObjectType,
  type Property,
  typeText,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { pathText } from '../../contracts/violations.js';

/** Findings about records that one answer has at most. */
const MAX_FINDINGS = 100;

export interface ReadRecords {
  /** Values by position of the schema's properties; a property that a record lacks is a hole. */
  readonly rows: readonly (readonly Value[])[];
  readonly violations: readonly ErrorDetail[];
}

/**
 * Reads records in the JSON of the API. Everything that does not fit the schema is a finding, at most 100 of them; none shows a
 * value.
 */
export function readRecords(schema: ObjectType, records: readonly unknown[]): ReadRecords {
  const violations: ErrorDetail[] = [];
  const rows: Value[][] = [];
  for (const [index, record] of records.entries()) {
    rows.push(readRecord(schema, record, (path, message) => violations.push({ path: placeOf(index, path), message })));
    if (violations.length >= MAX_FINDINGS) break;
  }
  return { rows, violations: violations.slice(0, MAX_FINDINGS) };
}

type Report = (path: string, message: string) => void;

function readRecord({ properties }: ObjectType, record: unknown, report: Report): Value[] {
  const row = new Array<Value>(properties.length);
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    report('', 'must be an object');
    return row;
  }
  const members = record as Readonly<Record<string, unknown>>;
  for (const [position, property] of properties.entries()) {
    if (Object.hasOwn(members, property.name)) readMember(property, members[property.name], { row, position, report });
    else if (!property.readOptional) report(property.name, missing(property));
  }
  const names = new Set(properties.map(({ name }) => name));
  for (const name of Object.keys(members)) {
    if (!names.has(name)) report(pathText([name]), 'is not in the schema');
  }
  return row;
}

interface Target {
  readonly row: Value[];
  readonly position: number;
  readonly report: Report;
}

function readMember(property: Property, json: unknown, { row, position, report }: Target): void {
  const object = fromDataJson({ kind: 'object', properties: [property] }, { [property.name]: json });
  if (object instanceof ValueFailure) {
    if (object instanceof DataFailure) report(object.path, textOf(object, property));
    else report(property.name, object.message);
  } else if (isObjectValue(object)) row[position] = memberOf(object, property.name) ?? null;
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
