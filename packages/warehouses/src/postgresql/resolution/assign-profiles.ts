import { COMPONENTS, createTable, dropTable, NODES, PLACES, type Resolution } from './resolution.js';

/** How many members of a component had which profile, and whether anybody else could have it, or has more to choose from. */
const KEPT = 'pg_temp.penstock_kept';
const WINNERS = 'pg_temp.penstock_winners';

const MEMBERS = `${NODES} AS n LEFT JOIN ${COMPONENTS} AS k USING (n)`;

/**
 * Fills {@link PLACES}. Of all pairs of a component and a profile that its members had, the one with the most members goes first, then that
 * with the older profile; each of the two is then taken. Components that go away empty-handed get new ids: an id that nobody takes
 * never comes back.
 */
export async function assignProfiles({ session, tables, isFirst }: Resolution): Promise<void> {
  const components = `SELECT coalesce(k.c, n) AS c, count(*)::integer AS size FROM ${MEMBERS} GROUP BY 1`;
  if (isFirst) {
    await createTable(session, PLACES, `SELECT c, gen_random_uuid() AS profile, size FROM (${components}) AS m`);
    return;
  }
  await createTable(
    session,
    KEPT,
    `SELECT *, count(*) OVER (PARTITION BY c) > 1 OR count(*) OVER (PARTITION BY profile) > 1 AS contested FROM (
       SELECT coalesce(k.c, n) AS c, old AS profile, count(*) AS members FROM ${MEMBERS} WHERE old IS NOT NULL GROUP BY 1, 2) AS kept`,
  );
  // Rows are inserted one by one: what an earlier one has taken makes the later ones do nothing.
  await session.query(`
    CREATE TEMPORARY TABLE penstock_winners (c bigint UNIQUE, profile uuid UNIQUE) ON COMMIT DROP;
    INSERT INTO ${WINNERS} SELECT k.c, k.profile FROM ${KEPT} AS k LEFT JOIN ${tables.profiles.sql} AS p ON p._id = k.profile
    WHERE k.contested ORDER BY k.members DESC, p._created, k.profile, k.c ON CONFLICT DO NOTHING;
    ANALYZE ${WINNERS}`);
  await createTable(
    session,
    PLACES,
    `SELECT m.c, coalesce(k.profile, w.profile, gen_random_uuid()) AS profile, m.size FROM (${components}) AS m
     LEFT JOIN ${KEPT} AS k ON k.c = m.c AND NOT k.contested LEFT JOIN ${WINNERS} AS w ON w.c = m.c`,
  );
  await dropTable(session, KEPT);
  await dropTable(session, WINNERS);
}
