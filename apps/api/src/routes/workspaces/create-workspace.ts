import { createdId, createWorkspaceBody } from '@penstock/shared/contracts';
import { createWorkspace as createWorkspaceOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const createWorkspace = defineRoute({
  method: 'post',
  path: '/v1/workspaces',
  scope: 'admin',
  tag: 'Workspaces',
  summary: 'Create a workspace and initialise its data warehouse',
  body: createWorkspaceBody,
  idempotent: true,
  response: createdId,
  errors: [
    'WarehousePlatformNotExist',
    'InvalidWarehouseSettings',
    'WarehouseNotInitializable',
    'DifferentWarehouse',
    'WarehouseRefused',
    'WarehouseUnavailable',
  ],
  handler: ({ deps, body, idempotency }) => createWorkspaceOf(deps, { ...body, idempotency }),
});
