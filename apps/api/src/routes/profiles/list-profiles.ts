import { profileList, profileListQuery } from '@penstock/shared/contracts';
import { listProfiles as listProfilesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const listProfiles = defineRoute({
  method: 'get',
  path: '/v1/profiles',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'List profiles',
  query: profileListQuery,
  response: profileList,
  errors: [
    'PropertyNotExist',
    'OrderNotExist',
    'OrderTypeNotSortable',
    'MaintenanceMode',
    'SettingsUnreadable',
    'WarehouseConflict',
    'WarehouseRefused',
    'WarehouseUnavailable',
  ],
  handler: ({ deps, workspace, query }) => listProfilesOf(deps, { workspace, ...query }),
});
