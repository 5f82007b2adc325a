import type { ExportQuery, ExportTarget, MatchingQuery } from '@penstock/engine';
import { integerLiteral, quoteIdentifier } from '@penstock/postgresql';
import type { AcceptedRelation } from './accepted-relation.js';
import { type Audience, columnAt, columnSqlAt } from './audience.js';
import { MATCHES } from './staged-users.js';

/** All that a query of profiles is made of. */
export interface ProfileScope {
  readonly query: ExportQuery;
  readonly target: ExportTarget;
  readonly audience: Audience;
  readonly accepted: AcceptedRelation;
}

/** What comes of each profile before its properties. */
const ACCEPTED = ['f.fingerprint', 'f.key', 'f.external_id'];

/** The query of the profiles that are delivered: id, revision, what was accepted (4 columns), the match (3, if any), the properties. */
export function profilesQuery(scope: ProfileScope): string {
  const { query, target } = scope;
  const conditions = [modeCondition(scope), changeCondition(scope)].filter((condition) => condition !== undefined);
  const columns = [
    'p._id',
    'p._revision',
    ...ACCEPTED,
    `f.run = ${integerLiteral(target.run)}`,
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

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function joined(scope: ProfileScope, profiles: string): string {
  const { accepted, query } = scope;
  const base = `${profiles} AS p LEFT JOIN ${accepted.sql} AS f ON f.profile = p._id`;
  const { matching } = query;
  if (matching === undefined) return base;
  const value = matchingValue(query, matching, 'p');
  return `${base} LEFT JOIN ${MATCHES} AS m ON m.value = ${value}
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

function matchColumns({ query }: ProfileScope): string[] {
  if (query.matching === undefined) return [];
  const rival = 'CASE WHEN d.least = p._id::text THEN d.greatest ELSE d.least END';
  return [matchingValue(query, query.matching, 'p'), 'm.ids', rival];
}

/** A profile without a value is delivered in any mode. One that this run has created takes part, although it has a user now. */
function modeCondition({ query, target }: ProfileScope): string | undefined {
  const { matching } = query;
  switch (matching?.mode) {
    case 'CreateOnly':
      return `(${matching.knowsUsers ? 'm.value' : 'f.profile'} IS NULL OR f.run = ${integerLiteral(target.run)})`;
    case 'UpdateOnly':
      return `(m.value IS NOT NULL OR ${matchingValue(query, matching, 'p')} IS NULL)`;
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

/** An unchanged profile has to be sent again when its user has gone. */
function changeCondition({ query }: ProfileScope): string | undefined {
  if (query.unlessAcceptedUnder === null || query.matching === undefined) return undefined;
  const isThere = query.matching.knowsUsers ? ' AND f.external_id = ANY (m.ids)' : '';
  return `(f.revision = p._revision AND f.version = ${integerLiteral(query.unlessAcceptedUnder)}${isThere}) IS NOT TRUE`;
}

function order({ orderBy, columns, filterColumns }: ExportQuery): string {
  if (orderBy === null) return '';
  const { column, type } = columnAt([...filterColumns, ...columns], orderBy);
  const collation = type.kind === 'string' ? ' COLLATE "C"' : '';
  return ` ORDER BY p.${quoteIdentifier(column)}${collation} NULLS LAST, p._id`;
}
