import { identityList, profileIdentitiesQuery, profileParams } from '@penstock/shared/contracts';
import { listProfileIdentities as listProfileIdentitiesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const listProfileIdentities = defineRoute({
  method: 'get',
  path: '/v1/profiles/:id/identities',
  scope: 'workspace',
  tag: 'Profiles',
  summary: 'List the identities of a profile, newest first',
  description: 'Those that resolved to it last, as they are now.',
  params: profileParams,
  query: profileIdentitiesQuery,
  response: identityList,
  errors: ['MaintenanceMode', 'SettingsUnreadable', 'WarehouseConflict', 'WarehouseRefused', 'WarehouseUnavailable'],
  handler: ({ deps, workspace, params, query }) =>
    listProfileIdentitiesOf(deps, { workspace, profile: params.id, ...query }),
});
