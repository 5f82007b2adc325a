import { AppError } from '@penstock/domain';
import type { WarehouseColumn } from '@penstock/engine';
import { columnType, quoteIdentifier } from '@penstock/postgresql';
import { actualColumns, columnDifferences } from '../actual-columns.js';
import type { Session } from '../session.js';
import { CREATION_LOCK } from '../warehouse-locks.js';
import type { TableName, WarehouseTables } from '../warehouse-tables.js';

/** Creates the tables of profiles where they are missing. */
export async function createProfileTables(
  session: Session,
  tables: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  const { profiles, identityProfiles } = tables;
  const values = columns.map(({ column, type }) => `, ${quoteIdentifier(column)} ${columnType(type).sql}`);
  // _created is the number of the resolution that made the profile: of two ids, it tells which is older.
  await session.query(`CREATE TABLE IF NOT EXISTS ${profiles.sql} (
    _id uuid PRIMARY KEY, _revision bigint NOT NULL, _created bigint NOT NULL,
    _updated_at timestamp(6) without time zone NOT NULL${values.join('')})`);
  await session.query(`CREATE TABLE IF NOT EXISTS ${identityProfiles.sql} (
    _pipeline integer NOT NULL, _user_id text COLLATE "C" NOT NULL, _connection integer NOT NULL, _profile uuid NOT NULL)`);
  await createState(session, tables);
  await createChangeLog(session, tables);
}

/**
 * Makes sure that the tables of profiles exist: warehouses that earlier versions of the product initialised have none. Throws AppError
 * WarehouseConflict when they do not and the columns are not those of the identities.
 */
export async function ensureProfileTables(
  session: Session,
  tables: WarehouseTables,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  const { profiles, identityProfiles, changes, state } = tables;
  await unlessTheyExist(session, [profiles, identityProfiles, changes, state], async () => {
    await lockCreation(session, tables);
    await requireColumns(session, tables.identities, columns);
    await createProfileTables(session, tables, columns);
  });
}

/** Makes sure that there is a table to note changes in. */
export async function ensureChangeLog(session: Session, tables: WarehouseTables): Promise<void> {
  await unlessTheyExist(session, [tables.changes], async () => {
    await lockCreation(session, tables);
    await createChangeLog(session, tables);
  });
}

/** Makes sure that there is a table to note in what was done last. */
export async function ensureState(session: Session, tables: WarehouseTables): Promise<void> {
  await unlessTheyExist(session, [tables.state], async () => {
    await lockCreation(session, tables);
    await createState(session, tables);
  });
}

/** Throws AppError WarehouseConflict when a table has other columns: the schema was altered since they were asked for. */
export async function requireColumns(
  session: Session,
  table: TableName,
  columns: readonly WarehouseColumn[],
): Promise<void> {
  if (columnDifferences(await actualColumns(session, table), columns).length === 0) return;
  throw new AppError('WarehouseConflict', { message: 'the profile schema was altered meanwhile; start again' });
}

async function unlessTheyExist(
  session: Session,
  tables: readonly TableName[],
  create: () => Promise<void>,
): Promise<void> {
  const [found] = await session.query<{ exist: boolean }>(
    'SELECT bool_and(to_regclass(name) IS NOT NULL) AS exist FROM unnest($1::text[]) AS name',
    [tables.map(({ sql }) => sql)],
  );
  if (found?.exist !== true) await session.transaction(create);
}

async function lockCreation(session: Session, { schema }: WarehouseTables): Promise<void> {
  await session.query(CREATION_LOCK, [schema]);
}

async function createState(session: Session, { state }: WarehouseTables): Promise<void> {
  await session.query(`CREATE TABLE IF NOT EXISTS ${state.sql} (name text PRIMARY KEY, value jsonb NOT NULL)`);
}

/** Append only; a row without a user id stands for all identities that the pipeline has or had. */
async function createChangeLog(session: Session, { changes }: WarehouseTables): Promise<void> {
  await session.query(
    `CREATE TABLE IF NOT EXISTS ${changes.sql} (_pipeline integer NOT NULL, _user_id text COLLATE "C")`,
  );
}
