import type { ErrorDetail, ExportMode } from '@penstock/domain';
import type { Kind, ObjectType, Property, Purpose } from '@penstock/language';
import { parsePropertyPath } from '@penstock/language';
import { findProperty } from './find-property.js';
import type { SchemaRules } from './schema-member.js';
import { forbiddenFlags } from './schema-rules.js';
import { walkProperties } from './walk-properties.js';

/** The kinds whose values can tell records apart at a destination. */
export const KEY_KINDS: readonly Kind[] = ['string', 'int', 'uuid'];

const COLUMN = 'a column of a table that is written';

/** Rules for the columns of a table: a profile without a value for the key is no row. */
export function tableSideRules(tableKey: string | undefined): SchemaRules {
  return (name, schema) =>
    walkProperties(schema).flatMap(({ property, path: own, at }) => {
      const path = `${name}.${at}`;
      const common = forbiddenFlags(property, ['prefilled', 'updateRequired', 'readOptional'], { path, of: COLUMN });
      // Which column is the key could not be read.
      if (tableKey === undefined) return common;
      return own === tableKey ? [...common, ...keyFlags(property, path)] : [...common, ...otherFlags(property, path)];
    });
}

function keyFlags(property: Property, path: string): ErrorDetail[] {
  const violations = forbiddenFlags(property, ['nullable'], { path, of: 'the key of a table' });
  if (property.createRequired) return violations;
  return [...violations, { path: `${path}.createRequired`, message: 'must be true: every row has a key' }];
}

function otherFlags(property: Property, path: string): ErrorDetail[] {
  return forbiddenFlags(property, ['createRequired'], { path, of: 'a column that is not the key' });
}

/** Rules for the properties of an application's users; the path of the matching one is undefined when it could not be read. */
export function applicationSideRules(matching: string | undefined): SchemaRules {
  const of = 'a property of an application that is written';
  return (name, schema) =>
    walkProperties(schema).flatMap(({ property, path: own, at }) => {
      const isOnThePath = matching === undefined || `${matching}.`.startsWith(`${own}.`);
      const flags = isOnThePath ? (['prefilled'] as const) : (['prefilled', 'readOptional'] as const);
      return forbiddenFlags(property, flags, { path: `${name}.${at}`, of });
    });
}

/** What an application takes the records for; those that may become either must be fit to be created. */
export const PURPOSE_OF_MODE: Readonly<Record<ExportMode, Purpose>> = {
  CreateOnly: 'Create',
  UpdateOnly: 'Update',
  CreateOrUpdate: 'Create',
};

/** A path in a member, in a schema. */
export interface PathInSchema {
  readonly path: string;
  readonly schema: ObjectType | undefined;
  /** Name of the member with the schema. */
  readonly of: 'inSchema' | 'outSchema';
}

/** The property at a path that a member names; undefined when it is none, or when the schema could not be read. */
export function namedProperty({ path, schema, of }: PathInSchema): {
  readonly property?: Property;
  readonly message?: string;
} {
  if (parsePropertyPath(path) === undefined) {
    return { message: 'must be the path of a property: names of letters, digits and "_", joined by "."' };
  }
  if (schema === undefined) return {};
  const property = findProperty(schema, path);
  return property === undefined ? { message: `is not in ${of}: there is no property "${path}"` } : { property };
}
