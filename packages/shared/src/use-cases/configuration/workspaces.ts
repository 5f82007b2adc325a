import { AppError, type WarehouseMode } from '@penstock/domain';
import { type ObjectType, typeToJson } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
import type { Prisma } from '../../generated/prisma/client.js';
import { type IdempotencyClaim, storeIdempotentAnswerWith } from '../../repositories/idempotency-keys.js';
import {
  findWorkspace,
  insertWorkspace,
  listWorkspaces as listRows,
  renameWorkspace as rename,
  type WorkspaceRow,
} from '../../repositories/workspaces.js';
import type { Dependencies } from '../dependencies.js';
import { profileSchemaRules, profileTypeRules, readSchema } from './pipeline-rules/schema-rules.js';
import { parseSettings } from './settings.js';
import { warehouseColumns } from './warehouse-columns.js';
import { withNewId } from './with-new-id.js';

export interface NewWorkspace {
  readonly name: string;
  readonly profileSchema: unknown;
  readonly warehouse: {
    readonly platform: string;
    readonly mode: WarehouseMode;
    readonly settings: Readonly<Record<string, unknown>>;
  };
  readonly idempotency?: IdempotencyClaim | undefined;
}

/** Opening a warehouse and making its tables takes longer than other transactions of ours. */
const INITIALIZE_MS = 30_000;

/**
 * Creates a workspace and initialises its warehouse. The row becomes visible last: when the warehouse refuses, nothing of the
 * workspace is left behind.
 * @throws AppError BadRequest, WarehousePlatformNotExist, InvalidWarehouseSettings, WarehouseNotInitializable,
 *   DifferentWarehouse, WarehouseRefused, WarehouseUnavailable
 */
export async function createWorkspace(
  { database, secrets, warehouses }: Pick<Dependencies, 'database' | 'secrets' | 'warehouses'>,
  { name, profileSchema, warehouse, idempotency }: NewWorkspace,
): Promise<{ readonly id: number }> {
  const schema = checkProfileSchema(profileSchema);
  const platform = warehouses.get(warehouse.platform);
  const settings = parseSettings(platform.settingsSchema, warehouse.settings, 'InvalidWarehouseSettings');
  const row = {
    name,
    warehousePlatform: warehouse.platform,
    warehouseSettings: secrets.encrypt(JSON.stringify(settings)),
    warehouseMode: warehouse.mode,
    profileSchema: typeToJson(schema),
  };
  const create = async (transaction: Prisma.TransactionClient, id: number): Promise<void> => {
    // The row first, uncommitted: the warehouse remembers the id, which must therefore be known to be free.
    await insertWorkspace(transaction, { ...row, id });
    await platform.initialize(settings, { workspace: id, columns: warehouseColumns(schema) });
    await storeIdempotentAnswerWith(transaction, idempotency, { id });
  };
  const id = await withNewId((id) =>
    database.prisma.$transaction((transaction) => create(transaction, id), { timeout: INITIALIZE_MS }),
  );
  return { id };
}

export function listWorkspaces({ database }: Pick<Dependencies, 'database'>): Promise<WorkspaceRow[]> {
  return listRows(database);
}

/** @throws AppError NotFound */
export async function requireWorkspace(
  { database }: Pick<Dependencies, 'database'>,
  workspace: number,
): Promise<WorkspaceRow> {
  const row = await findWorkspace(database, workspace);
  if (row === undefined) throw notFound();
  return row;
}

/** @throws AppError NotFound */
export async function renameWorkspace(
  { database }: Pick<Dependencies, 'database'>,
  { workspace, name }: { readonly workspace: number; readonly name: string },
): Promise<void> {
  if (!(await rename(database, workspace, name))) throw notFound();
}

function checkProfileSchema(json: unknown): ObjectType {
  const name = 'profileSchema';
  const { schema, violations } = readSchema(name, json);
  if (schema === undefined) throw refuse(violations);
  const found = [...profileSchemaRules(name, schema), ...profileTypeRules(name, schema)];
  if (found.length > 0) throw refuse(found);
  return schema;
}

function notFound(): AppError {
  return new AppError('NotFound', { message: 'workspace does not exist' });
}
