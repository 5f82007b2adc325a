import { replaceConnectionBody } from '@penstock/shared/contracts';
import { replaceConnection as replaceConnectionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const replaceConnection = defineRoute({
  method: 'put',
  path: '/v1/connections/:id',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Replace name and settings of a connection',
  description: 'A run in progress goes on with the settings that it began with.',
  params: entityParams,
  body: replaceConnectionBody,
  response: null,
  errors: ['InvalidSettings'],
  handler: async ({ deps, workspace, params, body }) => {
    await replaceConnectionOf(deps, { workspace, connection: params.id, ...body });
    return undefined;
  },
});
