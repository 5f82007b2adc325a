import { profileColumns, profileQueries } from './build-profiles.js';
import { BUILT, createTable, type Resolution, TOUCHED } from './resolution.js';

/** How many profiles came, changed and went. */
export interface ProfileEffect {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** Makes the profiles those that were resolved. Those whose values stay the same are not written. */
export async function applyProfiles(resolution: Resolution): Promise<ProfileEffect> {
  const { session, tables } = resolution;
  const queries = await profileQueries(resolution);
  const [existing] = await session.query(`SELECT 1 FROM ${tables.profiles.sql} LIMIT 1`);
  if (existing === undefined) return { added: await insertAll(resolution, queries), changed: 0, removed: 0 };
  const names = ['_id', '_updated_at', ...profileColumns(resolution)].join(', ');
  await createTable(session, BUILT, `SELECT * FROM (${queries.join(' UNION ALL ')}) AS built (${names})`);
  const removed = await removeGone(resolution);
  const changed = await changeChanged(resolution);
  return { added: await addNew(resolution), changed, removed };
}

async function insertAll(resolution: Resolution, queries: readonly string[]): Promise<number> {
  let added = 0;
  for (const query of queries) added += await insert(resolution, query);
  return added;
}

function insert(resolution: Resolution, query: string): Promise<number> {
  const { session, tables, number } = resolution;
  const names = ['_id', '_updated_at', ...profileColumns(resolution)].join(', ');
  return session.execute(
    `INSERT INTO ${tables.profiles.sql} (${names}, _revision, _created)
     SELECT built.*, $1, $1 FROM (${query}) AS built (${names})`,
    [number],
  );
}

/** Profiles that nobody has any more, of those whose identities were resolved. */
function removeGone({ session, tables, isFull }: Resolution): Promise<number> {
  const touched = isFull ? '' : `p._id IN (SELECT profile FROM ${TOUCHED}) AND`;
  return session.execute(
    `DELETE FROM ${tables.profiles.sql} AS p WHERE ${touched} NOT EXISTS (SELECT FROM ${BUILT} AS b WHERE b._id = p._id)`,
  );
}

function changeChanged(resolution: Resolution): Promise<number> {
  const { session, tables, number } = resolution;
  const columns = ['_updated_at', ...profileColumns(resolution)];
  return session.execute(
    `UPDATE ${tables.profiles.sql} AS p SET _revision = $1, ${columns.map((column) => `${column} = b.${column}`).join(', ')}
     FROM ${BUILT} AS b WHERE b._id = p._id AND (${columns.map((column) => `p.${column} IS DISTINCT FROM b.${column}`).join(' OR ')})`,
    [number],
  );
}

function addNew(resolution: Resolution): Promise<number> {
  const names = ['_id', '_updated_at', ...profileColumns(resolution)].map((name) => `b.${name}`).join(', ');
  return insert(
    resolution,
    `SELECT ${names} FROM ${BUILT} AS b
     WHERE NOT EXISTS (SELECT FROM ${resolution.tables.profiles.sql} AS p WHERE p._id = b._id)`,
  );
}
