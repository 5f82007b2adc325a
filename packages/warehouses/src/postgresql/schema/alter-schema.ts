import { AppError } from '@penstock/domain';
import type { SchemaAlteration } from '../../warehouse-platform.js';
import { databaseError } from '../database-error.js';
import { requireOwner } from '../require-owner.js';
import { createProfileTables } from '../resolution/profile-tables.js';
import { forgetResolved } from '../resolution/resolution-state.js';
import type { Session } from '../session.js';
import { setSession } from '../session-settings.js';
import { CREATION_LOCK, lockKeys, WAREHOUSE_LOCKS } from '../warehouse-locks.js';
import type { WarehouseTables } from '../warehouse-tables.js';
import type { WarehouseTimeouts } from '../warehouse-timeouts.js';
import { whenReadersLeaveInTransaction } from '../when-readers-leave.js';
import { isApplied, rememberApplied } from './applied-operations.js';
import { requireAlterable } from './check-alteration.js';
import { changeStatements, columnChanges } from './column-changes.js';
import { tryOperationLock } from './operation-lock.js';

/** What the server says of names that it keeps for itself, of tables too wide for it, and of columns that views of others show. */
const UNFIT = new Set(['42701', '54011', '2BP01']);

/** The statements of an alteration. Throws AppErrors: InvalidAlterSchema, DifferentWarehouse. */
export async function previewAlteration(
  session: Session,
  tables: WarehouseTables,
  alteration: SchemaAlteration,
): Promise<string[]> {
  await requireOwner(session, tables, alteration.workspace);
  await requireAlterable(session, tables, alteration);
  return statementsOf(tables, alteration).map((statement) => `${statement};`);
}

/**
 * Alters the tables in one transaction; see the contract of the platform. Publishes wait for it from the moment it waits for
 * those that are under way, readers only while it tries to get between them. Throws AppErrors: InvalidAlterSchema,
 * DifferentWarehouse, WarehouseConflict when publishes or readers leave no gap.
 */
export async function alterSchema(
  session: Session,
  tables: WarehouseTables,
  { timeouts, ...alteration }: SchemaAlteration & { readonly timeouts: WarehouseTimeouts },
): Promise<boolean> {
  await setSession(session, timeouts);
  await requireOwner(session, tables, alteration.workspace);
  return session.transaction(async () => {
    if (!(await tryOperationLock(session, tables))) return false;
    if (await isApplied(session, tables, alteration.operation)) return true;
    await requireAlterable(session, tables, alteration);
    const statements = statementsOf(tables, alteration);
    if (statements.length > 0) await keepPublishesOut(session, tables, timeouts);
    await createMissing(session, tables, alteration);
    if (statements.length > 0) {
      await forget(session, tables, alteration);
      await keepReadersOut(session, tables);
      await alter(session, statements);
    }
    await rememberApplied(session, tables, alteration.operation);
    return true;
  });
}

function statementsOf({ identities, profiles }: WarehouseTables, alteration: SchemaAlteration): string[] {
  const changes = columnChanges(alteration);
  return [identities, profiles].flatMap((table) => changeStatements(table, changes));
}

/** Profiles are written while readers still read: only once there was a gap between them, so that it is not done for nothing. */
async function forget(session: Session, tables: WarehouseTables, alteration: SchemaAlteration): Promise<void> {
  const valuesMove = movesValues(alteration);
  if (valuesMove) {
    await session.query('SAVEPOINT before_writing');
    await keepReadersOut(session, tables);
    await session.query('ROLLBACK TO SAVEPOINT before_writing');
  }
  await forgetResolved(session, tables, { valuesMove });
}

/** Whether profiles that were accepted by an export have other values afterwards. */
function movesValues(alteration: SchemaAlteration): boolean {
  const { dropped, renamed } = columnChanges(alteration);
  return dropped.length > 0 || renamed.length > 0;
}

/** Waits for the publishes that are under way, as long as a publish waits for its turn; later ones wait for the alteration. */
async function keepPublishesOut(
  session: Session,
  { fences }: WarehouseTables,
  { turnMs }: WarehouseTimeouts,
): Promise<void> {
  await session.query("SELECT set_config('lock_timeout', $1, true)", [`${turnMs}ms`]);
  await session.query(`SELECT pg_advisory_xact_lock(${lockKeys('$1', WAREHOUSE_LOCKS.alteration)})`, [fences.sql]);
}

/** Warehouses of earlier versions have no profiles. The lock is that of who initialises, and would create them as they were. */
async function createMissing(session: Session, tables: WarehouseTables, { before }: SchemaAlteration): Promise<void> {
  await session.query(CREATION_LOCK, [tables.schema]);
  await createProfileTables(session, tables, before);
}

async function keepReadersOut(session: Session, { identities, profiles }: WarehouseTables): Promise<void> {
  await whenReadersLeaveInTransaction(session, () =>
    session.query(`LOCK TABLE ${identities.sql}, ${profiles.sql} IN ACCESS EXCLUSIVE MODE`),
  );
}

/** All in one request, so that nobody waits for a worker that is slow. */
async function alter(session: Session, statements: readonly string[]): Promise<void> {
  try {
    await session.query(statements.join(';\n'));
  } catch (error) {
    const said = databaseError(error);
    if (said === undefined || !UNFIT.has(said.code ?? '')) throw error;
    // The detail names the objects that are in the way, such as views; it holds no values.
    const message = [`the data warehouse refused: ${said.message}`, ...(said.detail ? [said.detail] : [])].join('; ');
    throw new AppError('InvalidAlterSchema', { message, cause: error });
  }
}
