import type { ConnectionRole } from '@penstock/domain';
import type { ConnectionModel } from '../generated/prisma/models/Connection.js';
import type { Database } from '../platform/database.js';

export interface ConnectionRow {
  readonly id: number;
  readonly workspace: number;
  readonly name: string;
  readonly connector: string;
  readonly role: ConnectionRole;
  /** Encrypted JSON. */
  readonly settings: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function findConnection(
  { prisma }: Database,
  workspace: number,
  id: number,
): Promise<ConnectionRow | undefined> {
  const row = await prisma.connection.findFirst({ where: { id, workspaceId: workspace } });
  return row === null ? undefined : toRow(row);
}

/** All connections of a workspace, by name. */
export async function listConnections({ prisma }: Database, workspace: number): Promise<ConnectionRow[]> {
  const rows = await prisma.connection.findMany({
    where: { workspaceId: workspace },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  return rows.map(toRow);
}

export async function insertConnection(
  prisma: Pick<Database['prisma'], 'connection'>,
  { workspace, ...connection }: Omit<ConnectionRow, 'createdAt' | 'updatedAt'>,
): Promise<void> {
  await prisma.connection.create({ data: { ...connection, workspaceId: workspace }, select: { id: true } });
}

/** Replaces name and, where given, settings; false when there is no such connection. */
export async function updateConnection(
  { prisma }: Database,
  {
    workspace,
    id,
    ...change
  }: { readonly workspace: number; readonly id: number; readonly name: string; readonly settings?: string },
): Promise<boolean> {
  const { count } = await prisma.connection.updateMany({
    where: { id, workspaceId: workspace },
    data: { ...change, updatedAt: new Date() },
  });
  return count === 1;
}

function toRow({ workspaceId, role, ...row }: ConnectionModel): ConnectionRow {
  // Checked by the database.
  return { ...row, workspace: workspaceId, role: role as ConnectionRole };
}
