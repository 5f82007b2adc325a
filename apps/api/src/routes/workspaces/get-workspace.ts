import { workspace } from '@penstock/shared/contracts';
import { requireWorkspace } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';
import { encodeWorkspace } from './encode-workspace.js';

export const getWorkspace = defineRoute({
  method: 'get',
  path: '/v1/workspaces/:id',
  scope: 'admin',
  tag: 'Workspaces',
  summary: 'Get a workspace',
  params: entityParams,
  response: workspace,
  handler: async ({ deps, params }) => encodeWorkspace(await requireWorkspace(deps, params.id)),
});
