import type { Session } from '../session.js';
import { COMPONENTS, createTable, dropTable, EDGES } from './resolution.js';

/**
 * Fills {@link COMPONENTS}. In each round every node that has edges is hung onto its smallest neighbour, which leaves trees; each
 * tree becomes one node of the next round. A tree has two nodes or more, so that there are as many rounds as the number of nodes has
 * binary digits, whatever the shape: also for a long chain.
 */
export async function findComponents(session: Session): Promise<void> {
  const rounds: string[] = [];
  for (let edges = EDGES; await hasRows(session, edges); ) {
    const round = `pg_temp.penstock_round_${rounds.length}`;
    await hangOntoNeighbours(session, edges, round);
    rounds.push(round);
    const next = `pg_temp.penstock_edges_${rounds.length}`;
    await contract(session, { edges, round, next });
    edges = next;
  }
  await compose(session, rounds);
}

/** Creates a table of `n`, `c`: the root of each node's tree. */
async function hangOntoNeighbours(session: Session, edges: string, round: string): Promise<void> {
  const [parents, step] = ['pg_temp.penstock_parents', 'pg_temp.penstock_step'];
  await createTable(
    session,
    parents,
    `SELECT n, min(c) AS c FROM (SELECT a AS n, b AS c FROM ${edges} UNION ALL SELECT b, a FROM ${edges}) AS both_ways GROUP BY n`,
  );
  // Two that hang onto each other are the only circle that there can be: the smaller one becomes the root.
  await createTable(
    session,
    round,
    `SELECT x.n, CASE WHEN y.c = x.n AND x.n < x.c THEN x.n ELSE x.c END AS c FROM ${parents} AS x JOIN ${parents} AS y ON y.n = x.c`,
  );
  await dropTable(session, parents);
  while (await isDeep(session, round)) {
    // Each step doubles how far up everybody looks.
    await createTable(session, step, `SELECT x.n, y.c FROM ${round} AS x JOIN ${round} AS y ON y.n = x.c`);
    await dropTable(session, round);
    await session.query(`ALTER TABLE ${step} RENAME TO ${round.replace('pg_temp.', '')}`);
  }
}

/** Asked of all at once: for the first one that is found, the planner would try them one after the other. */
async function isDeep(session: Session, round: string): Promise<boolean> {
  const [found] = await session.query<{ deep: boolean | null }>(
    `SELECT bool_or(y.c <> x.c) AS deep FROM ${round} AS x JOIN ${round} AS y ON y.n = x.c`,
  );
  return found?.deep === true;
}

interface Contraction {
  readonly edges: string;
  readonly round: string;
  readonly next: string;
}

async function contract(session: Session, { edges, round, next }: Contraction): Promise<void> {
  await createTable(
    session,
    next,
    `SELECT DISTINCT x.c AS a, y.c AS b FROM ${edges} AS e JOIN ${round} AS x ON x.n = e.a JOIN ${round} AS y ON y.n = e.b
     WHERE x.c <> y.c`,
  );
  await dropTable(session, edges);
}

/** A node's component is that of its root in the next round, and so on. */
async function compose(session: Session, rounds: readonly string[]): Promise<void> {
  const [first, ...others] = rounds;
  if (first === undefined) {
    await createTable(session, COMPONENTS, 'SELECT NULL::bigint AS n, NULL::bigint AS c WHERE false');
    return;
  }
  const joins = others.map((round, index) => `LEFT JOIN ${round} AS r${index + 1} ON r${index + 1}.n = r${index}.c`);
  const roots = rounds.map((_, index) => `r${index}.c`).reverse();
  await createTable(
    session,
    COMPONENTS,
    `SELECT r0.n, coalesce(${roots.join(', ')}) AS c FROM ${first} AS r0 ${joins.join(' ')}`,
  );
  for (const round of rounds) await dropTable(session, round);
}

async function hasRows(session: Session, table: string): Promise<boolean> {
  return (await session.query(`SELECT 1 FROM ${table} LIMIT 1`)).length > 0;
}
