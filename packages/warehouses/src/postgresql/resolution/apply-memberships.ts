import { setTimeout as pause } from 'node:timers/promises';
import { sqlState } from '../database-error.js';
import type { TableName } from '../warehouse-tables.js';
import { CHANGED, COMPONENTS, identifierColumns, NODES, PLACES, type Resolution } from './resolution.js';

const PLACED = `${NODES} AS n LEFT JOIN ${COMPONENTS} AS k USING (n) JOIN ${PLACES} AS p ON p.c = coalesce(k.c, n.n)`;

const LOCK_NOT_AVAILABLE = '55P03';
/** Dropping a table needs all of its readers out; those that come later wait behind it for so long. */
const SWAP_LOCK_MS = 2_000;
const SWAP_TRIES = 5;
/** Lets the readers that waited get through before the next try. */
const SWAP_PAUSE_MS = 500;

/** Says of each identity that was resolved which profile it has. */
export function applyMemberships(resolution: Resolution): Promise<void> {
  return resolution.isFull ? replaceAll(resolution) : changeSome(resolution);
}

/** Writes a new table, whose indexes are built when it is full, and puts it into the place of the old one. */
async function replaceAll(resolution: Resolution): Promise<void> {
  const { session, tables } = resolution;
  const { identityProfiles } = tables;
  const next = tables.found(`${identityProfiles.name}_next`);
  const columns = identifierColumns(resolution);
  await session.query(`
    CREATE TABLE ${next.sql} AS
    SELECT ${['_pipeline', '_user_id', '_connection', ...columns].map((column) => `n.${column}`).join(', ')},
           p.profile AS _profile FROM ${PLACED}`);
  await session.query(`
    ALTER TABLE ${next.sql} ALTER _pipeline SET NOT NULL, ALTER _user_id SET NOT NULL, ALTER _connection SET NOT NULL,
      ALTER _profile SET NOT NULL, ADD PRIMARY KEY (_user_id, _connection, _pipeline)`);
  for (const column of columns) {
    await session.query(`CREATE INDEX ON ${next.sql} (${column}) WHERE ${column} IS NOT NULL`);
  }
  await session.query(`CREATE INDEX ON ${next.sql} (_profile); ANALYZE ${next.sql}`);
  await swap(resolution, next);
}

/**
 * The last of a resolution's statements: from here on readers wait until it commits, or for as long as it tries to get between them.
 * One reader can tell: a REPEATABLE READ transaction that began before and reads the table for the first time afterwards finds it empty.
 */
async function swap({ session, tables }: Resolution, next: TableName): Promise<void> {
  const { identityProfiles } = tables;
  await session.query("SELECT set_config('lock_timeout', $1, true)", [`${SWAP_LOCK_MS}ms`]);
  for (let tries = 1; ; tries++) {
    await session.query('SAVEPOINT before_swap');
    try {
      await session.query(`DROP TABLE ${identityProfiles.sql}`);
      break;
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || tries === SWAP_TRIES) throw error;
      await session.query('ROLLBACK TO SAVEPOINT before_swap');
      await pause(SWAP_PAUSE_MS);
    }
  }
  await session.query(`ALTER TABLE ${next.sql} RENAME TO ${identityProfiles.name}`);
}

async function changeSome(resolution: Resolution): Promise<void> {
  const { session, tables } = resolution;
  const columns = identifierColumns(resolution);
  const members = tables.identityProfiles.sql;
  const set = ['_profile = p.profile', ...columns.map((column) => `${column} = n.${column}`)];
  await session.query(
    `DELETE FROM ${members} AS m USING ${CHANGED} AS c WHERE m.ctid = c.address AND c._connection IS NULL`,
  );
  await session.query(`
    UPDATE ${members} AS m SET ${set.join(', ')} FROM ${PLACED}
    WHERE m.ctid = n.address AND (n.moved OR p.profile <> n.old)`);
  const names = ['_pipeline', '_user_id', '_connection', ...columns];
  await session.query(`
    INSERT INTO ${members} (${[...names, '_profile'].join(', ')})
    SELECT ${names.map((name) => `n.${name}`).join(', ')}, p.profile FROM ${PLACED} WHERE n.address IS NULL`);
}
