import { AppError } from '@penstock/domain';
import type { Session } from './session.js';
import { tableExists } from './table-exists.js';
import type { WarehouseTables } from './warehouse-tables.js';

/** Which workspace a schema belongs to; undefined when to none. */
export async function findOwner(session: Session, { workspace }: WarehouseTables): Promise<number | undefined> {
  if (!(await tableExists(session, workspace))) return undefined;
  const [owner] = await session.query<{ workspace: number }>(`SELECT workspace FROM ${workspace.sql}`);
  return owner?.workspace;
}

/** Throws AppErrors: WarehouseRefused when the schema is nobody's warehouse, DifferentWarehouse when it is another workspace's. */
export async function requireOwner(session: Session, tables: WarehouseTables, workspace: number): Promise<void> {
  const owner = await findOwner(session, tables);
  if (owner === workspace) return;
  if (owner !== undefined) throw new AppError('DifferentWarehouse');
  throw new AppError('WarehouseRefused', { message: 'the data warehouse has not been initialised' });
}
