import { identityList, identityListQuery } from '@penstock/shared/contracts';
import { listIdentities as listIdentitiesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const listIdentities = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/identities',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'List the identities that a connection has imported, newest first',
  params: entityParams,
  query: identityListQuery,
  response: identityList,
  errors: ['MaintenanceMode', 'SettingsUnreadable', 'WarehouseRefused', 'WarehouseUnavailable'],
  handler: ({ deps, workspace, params, query }) =>
    listIdentitiesOf(deps, { workspace, connection: params.id, ...query }),
});
