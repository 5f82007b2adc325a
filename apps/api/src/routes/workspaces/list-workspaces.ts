import { workspaceList } from '@penstock/shared/contracts';
import { listWorkspaces as listWorkspacesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { encodeWorkspace } from './encode-workspace.js';

export const listWorkspaces = defineRoute({
  method: 'get',
  path: '/v1/workspaces',
  scope: 'admin',
  tag: 'Workspaces',
  summary: 'List workspaces, by name',
  response: workspaceList,
  handler: async ({ deps }) => ({ workspaces: (await listWorkspacesOf(deps)).map(encodeWorkspace) }),
});
