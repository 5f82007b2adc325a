import { patternAbove } from './identifier-pattern.js';
import { dropParts, findParts, PARTS, SETS } from './pattern-parts.js';
import { createTable, dropTable, EDGES, identifierColumn, NODES, type Resolution } from './resolution.js';

/** Values that several nodes have, with the first of them. */
const GROUPS = 'pg_temp.penstock_groups';
/** Nodes with one value and one pattern of more important identifiers. */
const CLASSES = 'pg_temp.penstock_classes';

/**
 * Fills {@link EDGES}: those who match through an identifier, or have one user id in one connection, are each connected with the first
 * of them. Never more than one edge for a node and an identifier.
 */
export async function findEdges(resolution: Resolution): Promise<void> {
  const { session, identifiers } = resolution;
  await session.query(`CREATE TEMPORARY TABLE penstock_edges (a bigint NOT NULL, b bigint NOT NULL) ON COMMIT DROP`);
  await connectUsers(resolution);
  for (const index of identifiers.keys()) await connectOwners(resolution, index);
  await session.query(`ANALYZE ${EDGES}`);
}

async function connectUsers({ session, pipelines }: Resolution): Promise<void> {
  if (pipelines.length < 2) return;
  await session.query(`
    INSERT INTO ${EDGES} SELECT n.n, g.first FROM ${NODES} AS n JOIN (
      SELECT _connection, _user_id, min(n) AS first FROM ${NODES}
      WHERE _connection IN (SELECT _connection FROM (SELECT DISTINCT _connection, _pipeline FROM ${NODES}) AS pairs
                            GROUP BY _connection HAVING count(*) > 1)
      GROUP BY _connection, _user_id HAVING count(*) > 1
    ) AS g USING (_connection, _user_id) WHERE n.n <> g.first`);
}

/**
 * Connects the owners of the same value of an identifier. One who has none of the more important identifiers matches all others.
 * Where there is nobody like that, it depends on which identifiers they have; with a single more important one nobody matches.
 */
async function connectOwners(resolution: Resolution, index: number): Promise<void> {
  const { session } = resolution;
  const column = identifierColumn(index);
  const pattern = patternAbove(index, 'n');
  const shared = index < 2 ? `min(${pattern}) = 0` : `(min(${pattern}) = 0 OR min(${pattern}) <> max(${pattern}))`;
  await createTable(
    session,
    GROUPS,
    `SELECT ${column} AS value, min(n) AS first, min(${pattern}) = 0 AS joined FROM ${NODES} AS n
     WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING count(*) > 1 AND ${shared}`,
  );
  await session.query(`
    INSERT INTO ${EDGES} SELECT n.n, g.first FROM ${GROUPS} AS g JOIN ${NODES} AS n ON n.${column} = g.value
    WHERE g.joined AND n.n <> g.first`);
  if (index >= 2) await connectByPattern(resolution, index);
  await dropTable(session, GROUPS);
}

/** Connects the owners of values that no owner has without a more important identifier. */
async function connectByPattern({ session }: Resolution, index: number): Promise<void> {
  const column = identifierColumn(index);
  const pattern = patternAbove(index, 'n');
  const classes = await createTable(
    session,
    CLASSES,
    `SELECT g.value, ${pattern} AS pattern, min(n.n) AS first FROM ${GROUPS} AS g JOIN ${NODES} AS n ON n.${column} = g.value
     WHERE NOT g.joined GROUP BY 1, 2`,
  );
  if (classes > 0) {
    const sets = `SELECT value, array_agg(pattern ORDER BY pattern) AS patterns FROM ${CLASSES} GROUP BY value`;
    await findParts(session, sets);
    await session.query(`
      WITH sets AS (${sets}),
      placed AS (
        SELECT c.value, c.pattern, min(c.first) OVER (PARTITION BY c.value, p.part) AS first
        FROM ${CLASSES} AS c JOIN sets USING (value) JOIN ${SETS} AS s ON s.patterns = sets.patterns
        JOIN ${PARTS} AS p ON p.set = s.set AND p.pattern = c.pattern)
      INSERT INTO ${EDGES} SELECT n.n, p.first FROM placed AS p
      JOIN ${NODES} AS n ON n.${column} = p.value AND ${pattern} = p.pattern WHERE n.n <> p.first`);
    await dropParts(session);
  }
  await dropTable(session, CLASSES);
}
