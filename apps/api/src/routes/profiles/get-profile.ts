import { profile, profileParams } from '@penstock/shared/contracts';
import { getProfile as getProfileOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const getProfile = defineRoute({
  method: 'get',
  path: '/v1/profiles/:id',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'Get a profile',
  params: profileParams,
  response: profile,
  errors: ['MaintenanceMode', 'SettingsUnreadable', 'WarehouseConflict', 'WarehouseRefused', 'WarehouseUnavailable'],
  handler: ({ deps, workspace, params }) => getProfileOf(deps, { workspace, profile: params.id }),
});
