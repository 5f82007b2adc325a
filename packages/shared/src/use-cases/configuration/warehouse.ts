import { AppError, type WarehouseMode } from '@penstock/domain';
import { parseSchema } from '@penstock/language';
import type { WarehousePlatform } from '@penstock/warehouses';
import { listPipelineIds } from '../../repositories/pipelines.js';
import { blockingRuns } from '../../repositories/runs.js';
import type { WorkspaceRow } from '../../repositories/workspaces.js';
import type { Dependencies } from '../dependencies.js';
import { type BlockingOperation, blockingOperations } from '../warehouse-mode.js';
import { requireConnection } from './connections.js';
import { encodeIdentity, type ListedIdentity } from './encode-identity.js';
import { ifReadable, parseSettings } from './settings.js';
import { warehouseColumns } from './warehouse-columns.js';
import { requireWorkspace } from './workspaces.js';

type WarehouseDependencies = Pick<Dependencies, 'database' | 'secrets' | 'warehouses'>;

export interface WarehouseView {
  readonly platform: string;
  readonly mode: WarehouseMode;
  readonly pendingMode: WarehouseMode | null;
  readonly blockingRuns: { readonly run: number; readonly pipeline: number }[];
  readonly blockingOperations: BlockingOperation[];
  readonly settings: Record<string, unknown> | null;
}

/** The warehouse of a workspace, its secrets redacted, with what holds a pending mode. @throws AppError NotFound */
export async function getWarehouse(deps: WarehouseDependencies, workspace: number): Promise<WarehouseView> {
  const row = await requireWorkspace(deps, workspace);
  const shown = ifReadable(() => {
    const { platform, settings } = warehouseOf(deps, row);
    return { ...platform.redactSettings(settings) };
  });
  return {
    platform: row.warehousePlatform,
    mode: row.warehouseMode,
    pendingMode: row.pendingMode,
    blockingRuns: row.pendingMode === null ? [] : await blockingRuns(deps.database, workspace),
    blockingOperations: row.pendingMode === null ? [] : await blockingOperations(deps, workspace),
    settings: shown,
  };
}

export interface WarehouseTest {
  /** Whose warehouse is tested when none is given. */
  readonly workspace: number | null;
  readonly platform?: string | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Looks whether a place can be a warehouse, without changing it.
 * @throws AppError WarehouseNotInitializable that says what has to change; WarehouseUnavailable, WarehouseRefused
 */
export async function testWarehouse(deps: WarehouseDependencies, test: WarehouseTest): Promise<void> {
  const { platform, settings } = await testedWarehouse(deps, test);
  const problem = await platform.check(settings);
  if (problem === null) return;
  throw new AppError('WarehouseNotInitializable', { message: `data warehouse cannot be used: ${problem}` });
}

export interface IdentitiesOfConnection {
  readonly workspace: number;
  readonly connection: number;
  readonly first: number;
  readonly limit: number;
}

/** What a connection has imported, newest first. @throws AppError NotFound, MaintenanceMode, WarehouseUnavailable, WarehouseRefused */
export async function listIdentities(
  deps: WarehouseDependencies,
  { workspace, connection, first, limit }: IdentitiesOfConnection,
): Promise<{ readonly identities: ListedIdentity[]; readonly total: number }> {
  const row = await requireWorkspace(deps, workspace);
  await requireConnection(deps, { workspace, connection });
  if (row.warehouseMode === 'Maintenance') throw new AppError('MaintenanceMode');
  const columns = warehouseColumns(parseSchema(row.profileSchema));
  const pipelines = await listPipelineIds(deps.database, connection);
  const { platform, settings } = warehouseOf(deps, row);
  const reader = platform.open(settings);
  const page = await reader.listIdentities({ connection, pipelines, columns, first, limit });
  return { identities: page.identities.map((identity) => encodeIdentity(identity, columns)), total: page.total };
}

export interface OpenedWarehouse {
  readonly platform: WarehousePlatform;
  readonly settings: unknown;
}

/** Platform and settings of a workspace's warehouse. @throws AppError SettingsUnreadable */
export function warehouseOf(deps: Pick<Dependencies, 'secrets' | 'warehouses'>, row: WorkspaceRow): OpenedWarehouse {
  return {
    platform: deps.warehouses.get(row.warehousePlatform),
    settings: JSON.parse(deps.secrets.decrypt(row.warehouseSettings)) as unknown,
  };
}

async function testedWarehouse(deps: WarehouseDependencies, test: WarehouseTest): Promise<OpenedWarehouse> {
  if (test.platform !== undefined && test.settings !== undefined) {
    const platform = deps.warehouses.get(test.platform);
    return { platform, settings: parseSettings(platform.settingsSchema, test.settings, 'InvalidWarehouseSettings') };
  }
  if (test.workspace === null || test.platform !== undefined || test.settings !== undefined) {
    throw new AppError('BadRequest', {
      message: 'give platform and settings, or neither to test the warehouse of the workspace',
    });
  }
  return warehouseOf(deps, await requireWorkspace(deps, test.workspace));
}
