import type { Session } from '../session.js';
import type { TableName } from '../warehouse-tables.js';
import { identifierColumnsIn } from './membership-columns.js';
import { CHANGED, COMPONENTS, identifierColumns, NODES, PLACES, type Resolution } from './resolution.js';

const PLACED = `${NODES} AS n LEFT JOIN ${COMPONENTS} AS k USING (n) JOIN ${PLACES} AS p ON p.c = coalesce(k.c, n.n)`;

/**
 * Says of each identity that was resolved which profile it has. The table stays the same one, because others may have privileges to
 * it, or views of it; nobody who reads it waits.
 */
export async function applyMemberships(resolution: Resolution): Promise<void> {
  const { session, tables, isFull, isFirst } = resolution;
  await deleteGone(resolution);
  if (!isFirst) await changeChanged(resolution);
  await insertNew(resolution);
  if (isFull) await finishTable(session, tables.identityProfiles, identifierColumns(resolution));
}

function deleteGone({ session, tables, isFull, isFirst }: Resolution): Promise<number> {
  const members = tables.identityProfiles.sql;
  if (isFirst) return session.execute(`DELETE FROM ${members}`);
  if (!isFull) {
    return session.execute(
      `DELETE FROM ${members} AS m USING ${CHANGED} AS c WHERE m.ctid = c.address AND c._connection IS NULL`,
    );
  }
  return session.execute(
    `DELETE FROM ${members} AS m WHERE NOT EXISTS (SELECT FROM ${NODES} AS n WHERE n.address = m.ctid)`,
  );
}

async function changeChanged(resolution: Resolution): Promise<void> {
  const { session, tables, isFull } = resolution;
  const columns = identifierColumns(resolution);
  // Of identifiers that are none any more nothing is kept.
  const former = isFull
    ? (await identifierColumnsIn(session, tables.identityProfiles)).filter((column) => !columns.includes(column))
    : [];
  const values = [
    ['_profile', 'p.profile'],
    ...['_connection', ...columns].map((column) => [column, `n.${column}`]),
    ...former.map((column) => [column, 'NULL']),
  ];
  await session.query(`
    UPDATE ${tables.identityProfiles.sql} AS m SET ${values.map(([column, value]) => `${column} = ${value}`).join(', ')} FROM ${PLACED}
    WHERE m.ctid = n.address AND (${values.map(([column, value]) => `m.${column} IS DISTINCT FROM ${value}`).join(' OR ')})`);
}

async function insertNew(resolution: Resolution): Promise<void> {
  const names = ['_pipeline', '_user_id', '_connection', ...identifierColumns(resolution)];
  await resolution.session.query(`
    INSERT INTO ${resolution.tables.identityProfiles.sql} (${[...names, '_profile'].join(', ')})
    SELECT ${names.map((name) => `n.${name}`).join(', ')}, p.profile FROM ${PLACED} WHERE n.address IS NULL`);
}

/** Indexes are built when the table is full for the first time; afterwards they are there. */
async function finishTable(session: Session, { name, sql }: TableName, columns: readonly string[]): Promise<void> {
  await session.query(`SET LOCAL client_min_messages = warning`);
  await session.query(
    `CREATE UNIQUE INDEX IF NOT EXISTS ${name}_identity ON ${sql} (_user_id, _connection, _pipeline)`,
  );
  for (const column of columns) {
    await session.query(
      `CREATE INDEX IF NOT EXISTS ${name}_${column} ON ${sql} (${column}) WHERE ${column} IS NOT NULL`,
    );
  }
  await session.query(`CREATE INDEX IF NOT EXISTS ${name}_profile ON ${sql} (_profile)`);
  await session.query(`ANALYZE ${sql}`);
}
