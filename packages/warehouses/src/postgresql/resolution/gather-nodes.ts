import { integerLiteral } from '@penstock/postgresql';
import { comparedForm } from './identifier-form.js';
import {
  CHANGED,
  createTable,
  identifierColumn,
  identifierColumns,
  isVisible,
  NODES,
  type Resolution,
  TOUCHED,
} from './resolution.js';

/**
 * Numbers in no order: nodes are hung onto their smallest neighbour, and along a chain that was numbered from one end to the other,
 * as a source may have it, they would all hang onto each other.
 */
const NUMBER = '((hashint4((row_number() OVER ())::integer)::bigint << 32) | row_number() OVER ())';

/** Fills {@link NODES} with all identities. Returns how many. */
export function gatherAll(resolution: Resolution): Promise<number> {
  const { session, tables, isFirst } = resolution;
  const old = isFirst ? '' : `LEFT JOIN ${tables.identityProfiles.sql} AS m USING (_user_id, _pipeline)`;
  return createTable(
    session,
    NODES,
    `SELECT ${NUMBER} AS n, id._pipeline, id._user_id, id._connection, ${forms(resolution)}
       ${isFirst ? 'NULL::uuid AS old, NULL::tid AS address' : 'm._profile AS old, m.ctid AS address'}, true AS moved
     FROM ${tables.identities.sql} AS id ${old} WHERE ${isVisible(resolution, 'id')}`,
  );
}

/** Fills {@link CHANGED}. Returns how many identities were added, changed or removed since the last resolution. */
export async function gatherChanged(resolution: Resolution): Promise<number> {
  const { session, tables } = resolution;
  const differs = identifierColumns(resolution).map((column, index) => {
    const form = resolution.identifiers[index];
    return form === undefined ? 'false' : `m.${column} IS DISTINCT FROM ${comparedForm(form, 'id')}`;
  });
  const isIdentity = `id._user_id = key._user_id AND id._pipeline = key._pipeline AND ${isVisible(resolution, 'id')}`;
  // OFFSET 0 keeps the keys together: each is looked up in the two tables once.
  return createTable(
    session,
    CHANGED,
    `SELECT key._pipeline, key._user_id, id._connection, ${forms(resolution)} m._profile AS old, m.ctid AS address,
       ${['m._profile IS NULL', ...differs].join(' OR ')} AS moved
     FROM (${await changedKeys(resolution)} OFFSET 0) AS key
     LEFT JOIN ${tables.identities.sql} AS id ON ${isIdentity}
     LEFT JOIN ${tables.identityProfiles.sql} AS m ON m._user_id = key._user_id AND m._pipeline = key._pipeline`,
  );
}

/** Of pipelines that changed as a whole, the identities that they have and had; the tables are read only for those. */
async function changedKeys({ session, tables, pipelines }: Resolution): Promise<string> {
  const { identities, identityProfiles, changes } = tables;
  const rows = await session.query<{ pipeline: number }>(
    `SELECT DISTINCT _pipeline AS pipeline FROM ${changes.sql} WHERE _user_id IS NULL`,
  );
  const whole = rows.map(({ pipeline }) => pipeline);
  const present = whole.filter((pipeline) => pipelines.includes(pipeline));
  const of = (ids: readonly number[]): string => `_pipeline IN (${ids.map(integerLiteral).join(', ')})`;
  const named = `SELECT DISTINCT _pipeline, _user_id FROM ${changes.sql} WHERE _user_id IS NOT NULL`;
  const now =
    present.length === 0 ? '' : `UNION SELECT _pipeline, _user_id FROM ${identities.sql} WHERE ${of(present)}`;
  const past =
    whole.length === 0 ? '' : `UNION SELECT _pipeline, _user_id FROM ${identityProfiles.sql} WHERE ${of(whole)}`;
  return [named, now, past].join(' ');
}

/**
 * Fills {@link NODES} with the changed identities and all members of the profiles in {@link TOUCHED}: whoever was or is connected
 * to them. Returns how many.
 */
export function gatherAffected(resolution: Resolution): Promise<number> {
  const { session, tables } = resolution;
  const columns = ['_pipeline', '_user_id', '_connection', ...identifierColumns(resolution)];
  return createTable(
    session,
    NODES,
    `SELECT ${NUMBER} AS n, affected.* FROM (
       SELECT ${columns.join(', ')}, old, address, moved FROM ${CHANGED} WHERE _connection IS NOT NULL
       UNION ALL
       SELECT ${columns.map((column) => `m.${column}`).join(', ')}, m._profile, m.ctid, false
       FROM ${TOUCHED} AS t JOIN ${tables.identityProfiles.sql} AS m ON m._profile = t.profile
       WHERE NOT EXISTS (SELECT FROM ${CHANGED} AS c WHERE c.address = m.ctid)
     ) AS affected`,
  );
}

/** The identifiers of an identity in the form in which they are compared, each followed by a comma. */
function forms({ identifiers }: Resolution): string {
  return identifiers
    .map((identifier, index) => `${comparedForm(identifier, 'id')} AS ${identifierColumn(index)}, `)
    .join('');
}
