import { deleteWorkspace as deleteWorkspaceOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const deleteWorkspace = defineRoute({
  method: 'delete',
  path: '/v1/workspaces/:id',
  scope: 'admin',
  tag: 'Workspaces',
  summary: 'Delete a workspace with its connections and pipelines',
  description: 'Its data warehouse is left as it is.',
  params: entityParams,
  response: null,
  handler: async ({ deps, params }) => {
    await deleteWorkspaceOf(deps, { workspace: params.id });
    return undefined;
  },
});
