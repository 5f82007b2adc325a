import { resolutionSettings } from '@penstock/shared/contracts';
import { getResolutionSettings as getResolutionSettingsOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const getResolutionSettings = defineRoute({
  method: 'get',
  path: '/v1/identity-resolution/settings',
  scope: 'workspace',
  tag: 'Identity resolution',
  summary: 'Get how identities are resolved',
  response: resolutionSettings,
  handler: ({ deps, workspace }) => getResolutionSettingsOf(deps, workspace),
});
