import { AppError, type ErrorDetail } from '@penstock/domain';
import { type ObjectType, type Type, typeToJson } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import type { Database } from '../../platform/database.js';
import { findProperty } from '../configuration/pipeline-rules/find-property.js';
import { profileSchemaRules, profileTypeRules, readSchema } from '../configuration/pipeline-rules/schema-rules.js';
import type { AlterationRequest } from '../warehouse-operations/operation.js';
import { matchProperties, type RePaths } from './match-properties.js';

type PrimarySources = Readonly<Record<string, number>>;

/** A new profile schema as it was sent. */
export interface SchemaChange {
  readonly schema: unknown;
  /** Absent: those of properties that stay are kept. */
  readonly primarySources?: PrimarySources | null | undefined;
  readonly rePaths?: RePaths | null | undefined;
}

/** A new profile schema that can be had from the present one, as far as its own rules go. */
export interface CheckedAlteration {
  readonly schema: ObjectType;
  readonly request: AlterationRequest;
}

/** @throws AppError BadRequest when it is no schema, InvalidAlterSchema with all that is wrong with the change */
export function checkAlteration(current: ObjectType, change: SchemaChange): CheckedAlteration {
  const { schema, violations } = readSchema('schema', change.schema);
  if (schema === undefined) throw refuse(violations);
  const matched = matchProperties(current, schema, change.rePaths ?? {});
  const primarySources = change.primarySources ?? null;
  const found = [
    ...profileSchemaRules('schema', schema),
    ...profileTypeRules('schema', schema),
    ...matched.violations,
    ...Object.keys(primarySources ?? {}).flatMap((path) => primarySourceRules(schema, path)),
  ];
  if (found.length > 0) throw refuse(found, 'InvalidAlterSchema');
  return { schema, request: { schema: typeToJson(schema), kept: matched.kept, primarySources } };
}

const WITHOUT_SOURCE: ReadonlySet<Type['kind']> = new Set(['array', 'object']);

function primarySourceRules(schema: ObjectType, path: string): ErrorDetail[] {
  const at = `primarySources[${JSON.stringify(path)}]`;
  const kind = findProperty(schema, path)?.type.kind;
  if (kind === undefined) return [{ path: at, message: 'is not the path of a property in the new schema' }];
  if (!WITHOUT_SOURCE.has(kind)) return [];
  const what = kind === 'array' ? 'the elements of all identities are united' : 'name the properties within it';
  return [{ path: at, message: `is not possible for a property of kind ${kind}: ${what}` }];
}

/** @throws AppError ConnectionNotExist when a primary source is no source of the workspace */
export async function requireSources(
  client: Pick<Database['pool'], 'query'>,
  workspace: number,
  primarySources: PrimarySources | null,
): Promise<void> {
  const wanted = Object.entries(primarySources ?? {});
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM connections WHERE workspace_id = $1 AND role = 'Source' AND id = ANY ($2::int[])`,
    [workspace, wanted.map(([, connection]) => connection)],
  );
  const known = new Set(rows.map(({ id }) => id));
  const missing = wanted.filter(([, connection]) => !known.has(connection));
  if (missing.length === 0) return;
  const details = missing.map(([path, connection]) => ({
    path: `primarySources[${JSON.stringify(path)}]`,
    message: `names ${connection}, which is no source connection of the workspace`,
  }));
  const { message } = new AppError('ConnectionNotExist');
  throw new AppError('ConnectionNotExist', {
    message: `${message}: ${details[0]?.path} ${details[0]?.message}`,
    details,
  });
}
