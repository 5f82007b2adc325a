import type { Session } from '../session.js';
import { partsOf } from './identifier-pattern.js';
import { createTable, dropTable } from './resolution.js';

/** `set`, `patterns`, `batch`: the different sets of patterns that values are shared by, and with which others each is handled. */
export const SETS = 'pg_temp.penstock_sets';
/** `set`, `pattern`, `part`: into which parts the patterns of a set fall. */
export const PARTS = 'pg_temp.penstock_parts';
/** So many patterns are handled at a time: each may be compared with all others of its set, up to 512, while nobody else works. */
const BATCH = 20_000;

/** Fills {@link SETS} and {@link PARTS} from a query of `patterns`, each an ordered array. */
export async function findParts(session: Session, query: string): Promise<void> {
  await createTable(
    session,
    SETS,
    `SELECT row_number() OVER by_patterns AS set, patterns, (sum(cardinality(patterns)) OVER by_patterns / ${BATCH})::integer AS batch
     FROM (SELECT DISTINCT patterns FROM (${query}) AS found) AS sets WINDOW by_patterns AS (ORDER BY patterns)`,
  );
  await session.query(`
    CREATE INDEX ON ${SETS} (batch);
    CREATE TEMPORARY TABLE penstock_parts (set bigint NOT NULL, pattern integer NOT NULL, part integer NOT NULL) ON COMMIT DROP`);
  const [last] = await session.query<{ batch: number }>(`SELECT max(batch) AS batch FROM ${SETS}`);
  for (let batch = 0; batch <= (last?.batch ?? -1); batch++) await addParts(session, batch);
  await session.query(`ANALYZE ${PARTS}`);
}

export async function dropParts(session: Session): Promise<void> {
  await dropTable(session, SETS);
  await dropTable(session, PARTS);
}

async function addParts(session: Session, batch: number): Promise<void> {
  const sets = await session.query<{ set: string; patterns: number[] }>(
    `SELECT set, patterns FROM ${SETS} WHERE batch = $1`,
    [batch],
  );
  const [ids, patterns, parts]: [string[], number[], number[]] = [[], [], []];
  for (const { set, patterns: those } of sets) {
    for (const [pattern, part] of partsOf(those)) {
      ids.push(set);
      patterns.push(pattern);
      parts.push(part);
    }
  }
  await session.query(`INSERT INTO ${PARTS} SELECT * FROM unnest($1::bigint[], $2::integer[], $3::integer[])`, [
    ids,
    patterns,
    parts,
  ]);
}
