import { AppError, newEntityId, type WarehouseMode } from '@penstock/domain';
import { type ObjectType, typeToJson } from '@penstock/language';
import { refuse } from '../../contracts/violations.js';
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

/**
 * Initialises a warehouse and creates the workspace that it belongs to. The row comes last: when the warehouse refuses, nothing
 * of the workspace is left behind. No transaction is held meanwhile, because a warehouse may take its time.
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
  const id = await freeId(database);
  await platform.initialize(settings, { workspace: id, columns: warehouseColumns(schema) });
  await database.prisma.$transaction(async (transaction) => {
    await insertWorkspace(transaction, {
      id,
      name,
      warehousePlatform: warehouse.platform,
      warehouseSettings: secrets.encrypt(JSON.stringify(settings)),
      warehouseMode: warehouse.mode,
      profileSchema: typeToJson(schema),
    });
    await storeIdempotentAnswerWith(transaction, idempotency, { id });
  });
  return { id };
}

/** An id that no workspace has or had: the warehouse will remember it, so that it cannot be drawn again later. */
async function freeId({ prisma }: Dependencies['database']): Promise<number> {
  for (;;) {
    const id = newEntityId();
    if ((await prisma.workspace.count({ where: { id } })) === 0) return id;
  }
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
