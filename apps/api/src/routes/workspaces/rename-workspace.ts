import { renameWorkspaceBody } from '@penstock/shared/contracts';
import { renameWorkspace as renameWorkspaceOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const renameWorkspace = defineRoute({
  method: 'put',
  path: '/v1/workspaces/:id',
  scope: 'admin',
  tag: 'Workspaces',
  summary: 'Rename a workspace',
  params: entityParams,
  body: renameWorkspaceBody,
  response: null,
  handler: async ({ deps, params, body }) => {
    await renameWorkspaceOf(deps, { workspace: params.id, name: body.name });
    return undefined;
  },
});
