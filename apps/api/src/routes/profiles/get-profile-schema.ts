import { profileSchemaAnswer } from '@penstock/shared/contracts';
import { requireWorkspace } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { encodeWorkspace } from '../workspaces/encode-workspace.js';

export const getProfileSchema = defineRoute({
  method: 'get',
  path: '/v1/profiles/schema',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'Get the profile schema of the workspace, and the primary sources of its properties',
  response: profileSchemaAnswer,
  handler: async ({ deps, workspace }) => {
    const { profileSchema: schema, primarySources } = encodeWorkspace(await requireWorkspace(deps, workspace));
    return { schema, primarySources };
  },
});
