import type { WarehouseMode } from '@penstock/domain';
import type { Prisma } from '../generated/prisma/client.js';
import type { WorkspaceModel } from '../generated/prisma/models/Workspace.js';
import type { Database } from '../platform/database.js';

export interface WorkspaceRow {
  readonly id: number;
  readonly name: string;
  readonly warehousePlatform: string;
  /** Encrypted JSON. */
  readonly warehouseSettings: string;
  readonly warehouseMode: WarehouseMode;
  readonly pendingMode: WarehouseMode | null;
  readonly profileSchema: unknown;
  /** Paths of the properties that identities are matched by, the most important first. */
  readonly identifiers: readonly string[];
  /** Connection whose values go first, by property path. */
  readonly primarySources: Readonly<Record<string, number>>;
  /** Whether identities are resolved after each import. */
  readonly runOnBatchImport: boolean;
  readonly createdAt: Date;
}

/** A workspace that is not deleted. */
export async function findWorkspace({ prisma }: Database, id: number): Promise<WorkspaceRow | undefined> {
  const row = await prisma.workspace.findFirst({ where: { id, deletedAt: null } });
  return row === null ? undefined : toRow(row);
}

/** All workspaces that are not deleted, by name. */
export async function listWorkspaces({ prisma }: Database): Promise<WorkspaceRow[]> {
  const rows = await prisma.workspace.findMany({
    where: { deletedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  return rows.map(toRow);
}

/** What a workspace begins with; the rest has its defaults. */
export type NewWorkspaceRow = Pick<
  WorkspaceRow,
  'id' | 'name' | 'warehousePlatform' | 'warehouseSettings' | 'warehouseMode' | 'profileSchema'
>;

export async function insertWorkspace(
  prisma: Pick<Database['prisma'], 'workspace'>,
  workspace: NewWorkspaceRow,
): Promise<void> {
  const profileSchema = workspace.profileSchema as Prisma.InputJsonValue;
  await prisma.workspace.create({ data: { ...workspace, profileSchema }, select: { id: true } });
}

/** Renames a workspace; false when there is none. */
export async function renameWorkspace({ prisma }: Database, id: number, name: string): Promise<boolean> {
  const { count } = await prisma.workspace.updateMany({ where: { id, deletedAt: null }, data: { name } });
  return count === 1;
}

function toRow(row: WorkspaceModel): WorkspaceRow {
  const { id, name, warehousePlatform, warehouseSettings, profileSchema, identifiers, runOnBatchImport, createdAt } =
    row;
  return {
    ...{ id, name, warehousePlatform, warehouseSettings, profileSchema, identifiers, runOnBatchImport, createdAt },
    primarySources: row.primarySources as Record<string, number>,
    // Checked by the database.
    warehouseMode: row.warehouseMode as WarehouseMode,
    pendingMode: row.pendingMode as WarehouseMode | null,
  };
}
