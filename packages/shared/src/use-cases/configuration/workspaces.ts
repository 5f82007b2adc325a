import { AppError, type WarehouseMode } from '@penstock/domain';
import { parseSchema, typeToJson } from '@penstock/language';
import { findWarehousePlatform } from '@penstock/warehouses';
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

/**
 * Initialises a warehouse and creates the workspace that it belongs to. The row comes last: when the warehouse refuses,
 * nothing is left behind.
 * @throws AppError BadRequest, WarehousePlatformNotExist, InvalidWarehouseSettings, WarehouseNotInitializable,
 *   DifferentWarehouse, WarehouseUnavailable
 */
export async function createWorkspace(
  { database, secrets }: Pick<Dependencies, 'database' | 'secrets'>,
  { name, profileSchema, warehouse, idempotency }: NewWorkspace,
  signal: AbortSignal,
): Promise<{ readonly id: number }> {
  checkProfileSchema(profileSchema);
  const platform = findWarehousePlatform(warehouse.platform);
  const settings = parseSettings(platform.settingsSchema, warehouse.settings, 'InvalidWarehouseSettings');
  const schema = parseSchema(profileSchema);
  const id = await withNewId(async (id) => {
    await platform.initialize(settings, { workspace: id, profileSchema: schema }, signal);
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
  });
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

function checkProfileSchema(json: unknown): void {
  const name = 'profileSchema';
  const { schema, violations } = readSchema(name, json);
  const found =
    schema === undefined ? violations : [...profileSchemaRules(name, schema), ...profileTypeRules(name, schema)];
  if (found.length > 0) throw refuse(found);
}

function notFound(): AppError {
  return new AppError('NotFound', { message: 'workspace does not exist' });
}
