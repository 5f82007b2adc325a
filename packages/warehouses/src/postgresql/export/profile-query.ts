import type { ExportQuery, ExportTarget, MatchingQuery } from '@penstock/engine';
import { integerLiteral, quoteIdentifier } from '@penstock/postgresql';
import type { AcceptedRelation } from './accepted-relation.js';
import { type Audience, columnAt, columnSqlAt } from './audience.js';
import { LISTED, MATCHES } from './staged-users.js';

/** All that a query of profiles is made of. */
export interface ProfileScope {
  readonly query: ExportQuery;
  readonly target: ExportTarget;
  readonly audience: Audience;
  readonly accepted: AcceptedRelation;
}

/**
 * The query of the profiles that are delivered: id, revision, what was accepted (4 columns, where something was), the match (3, if any), the
 * properties.
 */
export function profilesQuery(scope: ProfileScope): string {
  const { query } = scope;
  const conditions = [modeCondition(scope), changeCondition(scope)].filter((condition) => condition !== undefined);
  const columns = [
    'p._id',
    'p._revision',
    ...acceptedColumns(scope),
    ...matchColumns(scope),
    ...query.columns.map(({ column }) => `p.${quoteIdentifier(column)}`),
  ];
  return `SELECT ${columns.join(', ')} FROM ${joined(scope, changedProfiles(scope))}${where(conditions)}${order(query)}`;
}

/** The query that counts the profiles that take part. */
export function totalQuery(scope: ProfileScope): string {
  const mode = modeCondition(scope);
  const from = mode === undefined ? `${scope.audience.sql} AS p` : joined(scope, scope.audience.sql);
  return `SELECT count(*) AS total FROM ${from}${where(mode === undefined ? [] : [mode])}`;
}

/**
 * Whether no two profiles that take part have the same value at the unique path, as SQL; undefined where nobody asked, or where something has been
 * accepted: a profile that fails keeps the key that was accepted of it, whatever value it has by now.
 */
export function uniqueQuery({ query, audience, accepted }: ProfileScope): string | undefined {
  const { uniquePath } = query;
  if (uniquePath === undefined || accepted.exists) return undefined;
  const value = `o.${columnSqlAt(query, uniquePath)}`;
  return `SELECT NOT EXISTS (
    SELECT 1 FROM ${audience.sql} AS o WHERE ${value} IS NOT NULL GROUP BY ${value} HAVING count(*) > 1) AS unique`;
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function joined(scope: ProfileScope, profiles: string): string {
  const { accepted, query } = scope;
  const base = `${profiles} AS p LEFT JOIN ${accepted.sql} AS f ON f.profile = p._id`;
  const { matching } = query;
  if (matching === undefined) return base;
  const value = matchingValue(query, matching, 'p');
  return `${base} LEFT JOIN ${LISTED} AS u ON u.external_id = f.external_id
    LEFT JOIN ${MATCHES} AS m ON m.value = ${value}
    LEFT JOIN (${rivalsQuery(scope, matching)}) AS d ON d.value = ${value}`;
}

/** Canonical text of the matching value. */
function matchingValue(query: ExportQuery, matching: MatchingQuery, alias: string): string {
  return `${alias}.${columnSqlAt(query, matching.path)}::text COLLATE "C"`;
}

/** Values that several profiles have, with two of those. */
function rivalsQuery({ audience, query }: ProfileScope, matching: MatchingQuery): string {
  return `SELECT value, min(id) AS least, max(id) AS greatest
    FROM (SELECT ${matchingValue(query, matching, 'o')} AS value, o._id::text AS id FROM ${audience.sql} AS o) AS owner
    WHERE value IS NOT NULL GROUP BY value HAVING count(*) > 1`;
}

/**
 * Users of a profile, as an array: who was accepted goes before whoever has its value, because values change, also by what the application makes of them.
 * It may list somebody late: whom this run has sent is there.
 */
function usersOf(target: ExportTarget): string {
  return `CASE WHEN u.external_id IS NOT NULL OR (f.external_id IS NOT NULL AND f.run = ${integerLiteral(target.run)})
    THEN ARRAY[f.external_id] ELSE m.ids END`;
}

/** The query of the identifiers of all users that profiles which take part are matched with, accepted or not; null where nothing is matched. */
export function matchedUsersQuery(scope: ProfileScope): string | null {
  if (scope.query.matching === undefined) return null;
  return `SELECT unnest(${usersOf(scope.target)}) AS external_id FROM ${joined(scope, scope.audience.sql)}`;
}

function acceptedColumns({ accepted, target }: ProfileScope): string[] {
  if (!accepted.exists) return [];
  return ['f.fingerprint', 'f.key', 'f.external_id', `f.run = ${integerLiteral(target.run)}`];
}

function matchColumns({ query, target }: ProfileScope): string[] {
  if (query.matching === undefined) return [];
  const rival = 'CASE WHEN d.least = p._id::text THEN d.greatest ELSE d.least END';
  return [matchingValue(query, query.matching, 'p'), usersOf(target), rival];
}

/** A profile without a value is delivered in any mode. One that this run has created takes part, although it has a user now. */
function modeCondition({ query, target }: ProfileScope): string | undefined {
  const { matching } = query;
  switch (matching?.mode) {
    case 'CreateOnly':
      return `(${matching.knowsUsers ? usersOf(target) : 'f.profile'} IS NULL OR f.run = ${integerLiteral(target.run)})`;
    case 'UpdateOnly':
      return `(${usersOf(target)} IS NOT NULL OR ${matchingValue(query, matching, 'p')} IS NULL)`;
    default:
      return undefined;
  }
}

/** Nearly all profiles are unchanged as a rule: they are left out by as little of the fingerprints as possible. */
function changedProfiles({ query, audience, accepted }: ProfileScope): string {
  if (query.unlessAcceptedUnder === null || query.matching !== undefined || !accepted.exists) return audience.sql;
  return `(SELECT * FROM ${audience.sql} AS o WHERE NOT EXISTS (
    SELECT 1 FROM ${accepted.sql} AS a WHERE a.profile = o._id AND a.revision = o._revision
      AND a.version = ${integerLiteral(query.unlessAcceptedUnder)}))`;
}

/** An unchanged profile has to be sent again when its user has gone, and fails when another one has its value now. */
function changeCondition({ query, target }: ProfileScope): string | undefined {
  if (query.unlessAcceptedUnder === null || query.matching === undefined) return undefined;
  const isThere = query.matching.knowsUsers
    ? ` AND (u.external_id IS NOT NULL OR f.run = ${integerLiteral(target.run)})`
    : '';
  return `((f.revision = p._revision AND f.version = ${integerLiteral(query.unlessAcceptedUnder)}${isThere}) IS NOT TRUE
    OR d.value IS NOT NULL)`;
}

function order({ orderBy, columns, filterColumns }: ExportQuery): string {
  if (orderBy === null) return '';
  const { column, type } = columnAt([...filterColumns, ...columns], orderBy);
  const collation = type.kind === 'string' ? ' COLLATE "C"' : '';
  return ` ORDER BY p.${quoteIdentifier(column)}${collation} NULLS LAST, p._id`;
}
