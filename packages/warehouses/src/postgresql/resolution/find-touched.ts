import { patternAbove } from './identifier-pattern.js';
import { CHANGED, createTable, identifierColumn, type Resolution, TOUCHED } from './resolution.js';

/**
 * Fills {@link TOUCHED}: the profiles that changed identities had, and those of identities that they match now. Identities that
 * have not changed match each other as before, so that nobody else can be concerned.
 */
export function findTouched(resolution: Resolution): Promise<number> {
  const { session, tables, identifiers } = resolution;
  const members = tables.identityProfiles.sql;
  const queries = [
    `SELECT old AS profile FROM ${CHANGED} WHERE old IS NOT NULL`,
    `SELECT m._profile FROM ${CHANGED} AS c JOIN ${members} AS m ON m._user_id = c._user_id AND m._connection = c._connection
     WHERE c.moved`,
    ...identifiers.map((_, index) => matchedThrough(index, members)),
  ];
  return createTable(session, TOUCHED, queries.join(' UNION '));
}

/**
 * Each value is looked up once, whoever has it: identities that have it match one of its new owners when they have none of the more
 * important identifiers in common. All that have a value of the most important identifier have one profile.
 */
function matchedThrough(index: number, members: string): string {
  const column = identifierColumn(index);
  if (index === 0) {
    return `
      SELECT found._profile FROM (SELECT DISTINCT ${column} AS value FROM ${CHANGED} WHERE moved AND ${column} IS NOT NULL) AS c
      CROSS JOIN LATERAL (SELECT _profile FROM ${members} AS m WHERE m.${column} = c.value LIMIT 1) AS found`;
  }
  return `
    SELECT m._profile FROM (
      SELECT value, array_agg(pattern) AS patterns FROM (
        SELECT DISTINCT ${column} AS value, ${patternAbove(index, 'changed')} AS pattern
        FROM ${CHANGED} AS changed WHERE moved AND ${column} IS NOT NULL) AS classes
      GROUP BY value) AS c
    JOIN ${members} AS m ON m.${column} = c.value
    WHERE EXISTS (SELECT FROM unnest(c.patterns) AS pattern WHERE pattern & ${patternAbove(index, 'm')} = 0)`;
}
