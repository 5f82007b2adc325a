import { resolutionSettings } from '@penstock/shared/contracts';
import { setResolutionSettings as setResolutionSettingsOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const setResolutionSettings = defineRoute({
  method: 'put',
  path: '/v1/identity-resolution/settings',
  scope: 'workspace',
  tag: 'Identity resolution',
  summary: 'Set how identities are resolved, from the next resolution on',
  body: resolutionSettings,
  response: null,
  errors: ['PropertyNotExist', 'TypeNotAllowed'],
  handler: async ({ deps, workspace, body }) => {
    await setResolutionSettingsOf(deps, { workspace, ...body });
    return undefined;
  },
});
