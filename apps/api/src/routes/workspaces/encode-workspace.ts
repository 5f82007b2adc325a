import type { workspace } from '@penstock/shared/contracts';
import type { WorkspaceRow } from '@penstock/shared/repositories';
import type { z } from 'zod';

type Workspace = z.infer<typeof workspace>;

export function encodeWorkspace(row: WorkspaceRow): Workspace {
  const { id, name, warehousePlatform, warehouseMode, identifiers, primarySources } = row;
  return {
    ...{ id, name, warehousePlatform, warehouseMode },
    profileSchema: row.profileSchema as Workspace['profileSchema'],
    identifiers: [...identifiers],
    primarySources: { ...primarySources },
    resolveIdentitiesOnBatchImport: row.runOnBatchImport,
    createdAt: row.createdAt.toISOString(),
  };
}
