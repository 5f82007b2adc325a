import { AppError } from '@penstock/domain';
import pg from 'pg';
import type { PostgresqlSession } from '../session.js';

/** The name is looked for as a query of the source does it; from then on it is the catalog's own. */
const FIND = `
SELECT c.oid::bigint::text AS oid, c.relkind AS kind, c.relpersistence = 't' AS temporary,
  n.nspname ~ '^pg_' OR n.nspname = 'information_schema' AS system,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass($1)`;

interface Relation extends Record<string, unknown> {
  readonly oid: string;
  readonly kind: string;
  readonly temporary: boolean;
  readonly system: boolean;
  readonly name: string;
}

/** A table in the catalog: its oid, as text, and its name with its schema, quoted. */
export type FoundTable = Pick<Relation, 'oid' | 'name'>;

const KINDS: ReadonlyMap<string, string> = new Map([
  ['v', 'a view'],
  ['m', 'a materialized view'],
  ['f', 'a foreign table'],
  ['S', 'a sequence'],
  ['c', 'a type'],
  ['i', 'an index'],
  ['I', 'an index'],
]);

/** Finds a table by its name as a query names it. Throws AppError `DestinationRefused` when it is none that can be written. */
export async function findTable(session: PostgresqlSession, table: string, schema: string): Promise<FoundTable> {
  await session.rows("SELECT pg_catalog.set_config('search_path', pg_catalog.quote_ident($1), false)", [schema]);
  const [relation] = await session.rows<Relation>(FIND, [table]).catch((error: unknown) => {
    throw isAboutName(error) ? refused(`"${table}" is not the name of a table`) : error;
  });
  // What triggers and checks of the table name without a schema is found as for any other session of the user.
  await session.rows('RESET search_path');
  if (relation === undefined) throw refused(`table ${table} does not exist, or the user may not see it`);
  const { kind, name } = relation;
  if (kind !== 'r' && kind !== 'p') throw refused(`${name} is ${KINDS.get(kind) ?? 'no table'}: export to a table`);
  if (relation.system || relation.temporary)
    throw refused(`${name} belongs to the system: export to a table of your own`);
  return { oid: relation.oid, name };
}

function isAboutName(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^(?:42|0A|22)/.test(error.code ?? '');
}

function refused(message: string): AppError {
  return new AppError('DestinationRefused', { message });
}
