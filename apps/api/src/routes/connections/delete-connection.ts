import { deleteConnection as deleteConnectionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const deleteConnection = defineRoute({
  method: 'delete',
  path: '/v1/connections/:id',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Delete a connection with its pipelines',
  params: entityParams,
  response: null,
  handler: async ({ deps, workspace, params }) => {
    await deleteConnectionOf(deps, { workspace, connection: params.id });
    return undefined;
  },
});
