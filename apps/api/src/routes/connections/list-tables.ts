import { tableList } from '@penstock/shared/contracts';
import { listTables as listTablesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const listTables = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/tables',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'List the tables and views that a database connection can read',
  description: 'At most 1,000, by name. Their columns are what a preview of a query shows.',
  params: entityParams,
  response: tableList,
  errors: ['SettingsUnreadable', 'SourceRefused', 'SourceUnavailable'],
  handler: async ({ deps, workspace, params, signal }) => ({
    tables: [...(await listTablesOf(deps, { workspace, connection: params.id }, signal()))],
  }),
});
