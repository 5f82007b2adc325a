import type { RawField, SourceColumn } from '@penstock/engine';
import {
  compileNormalisation,
  type ObjectType,
  type Property,
  type Type,
  type Value,
  ValueFailure,
} from '@penstock/language';
import { ExactNumber, exactJsonText } from './parse-exact-json.js';

/** Turns what an application delivers into the canonical value of a type, or says why there is none. */
export type ReadValue = (raw: unknown) => Value | ValueFailure;

/** A property that is read, and how. */
export interface UserProperty {
  readonly name: string;
  readonly type: Type;
  readonly read: ReadValue;
}

const OWN_COLUMNS: readonly SourceColumn[] = [
  { name: '_id', type: { kind: 'string' } },
  { name: '_updated_at', type: { kind: 'datetime' } },
];

const NOT_AN_ID = new ValueFailure('InputValidation', 'InvalidType', 'the identifier is not a text or an integer');

/** The columns of a source of users: its own two, then the properties. */
export function userColumns(properties: readonly UserProperty[]): readonly SourceColumn[] {
  return [...OWN_COLUMNS, ...properties.map(({ name, type }) => ({ name, type }))];
}

/** Those of the expected properties that the application has now, of the types that it has now: the rest is drift. */
export function readProperties(expected: ObjectType, current: ObjectType): UserProperty[] {
  const known = new Map(current.properties.map((property): [string, Property] => [property.name, property]));
  return expected.properties.flatMap(({ name }) => {
    const property = known.get(name);
    return property === undefined ? [] : [{ name, type: property.type, read: compileRead(property.type, name) }];
  });
}

/** Compiles the reading of values of a type; `path` is for messages. Null is null. */
export function compileRead(type: Type, path: string): ReadValue {
  const normalise = compileNormalisation(type, { nullable: true, path });
  return (raw) => normalise(forNormalisation(type, raw));
}

const readDatetime = compileRead({ kind: 'datetime' }, 'update time');

/** An update time as canonical datetime. */
export function readUpdateTime(raw: unknown): RawField {
  if (typeof raw !== 'number') return readDatetime(raw);
  // Nobody has users that were last updated in the first months of 1970: such a number counts seconds.
  const MILLISECONDS = 1_000;
  const SECONDS_UNTIL = 1e11;
  const milliseconds = raw < SECONDS_UNTIL ? raw * MILLISECONDS : raw;
  const date = new Date(milliseconds);
  return readDatetime(Number.isNaN(date.getTime()) ? '' : date);
}

/** An identifier: text or an integer. */
export function readId(raw: unknown): string | ValueFailure {
  if (typeof raw === 'string' && raw !== '') return raw;
  if (typeof raw === 'bigint' || (typeof raw === 'number' && Number.isSafeInteger(raw))) return String(raw);
  return NOT_AN_ID;
}

/** Of text, JSON is taken to be its text; numbers with more digits than a float has are rounded to it. */
function forNormalisation(type: Type, raw: unknown): unknown {
  if (type.kind === 'json') return exactJsonText(raw);
  if (raw === null || typeof raw === 'string') return raw;
  if (type.kind === 'float') return raw instanceof ExactNumber || typeof raw === 'bigint' ? String(raw) : raw;
  if (typeof raw !== 'object' || raw instanceof ExactNumber) return raw;
  if (type.kind === 'array' && Array.isArray(raw)) return raw.map((item) => forNormalisation(type.elementType, item));
  if (type.kind !== 'object' && type.kind !== 'map') return raw;
  const typeOf = memberTypes(type);
  const members = Object.entries(raw).map(([key, member]: [string, unknown]) => {
    const memberType = typeOf(key);
    return [key, memberType === undefined ? member : forNormalisation(memberType, member)] as const;
  });
  return new Map(members);
}

function memberTypes(type: Extract<Type, { kind: 'object' | 'map' }>): (key: string) => Type | undefined {
  if (type.kind === 'map') return () => type.elementType;
  return (key) => type.properties.find(({ name }) => name === key)?.type;
}
