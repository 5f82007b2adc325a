import { tableList, tableSchema, tablesQuery } from '@penstock/shared/contracts';
import { getTableSchema, listTables as listTablesOf } from '@penstock/shared/use-cases';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const listTables = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/tables',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'List the tables and views that a database connection can read, or show what can be written to one',
  description:
    'At most 1,000, by name; the columns of what is read are what a preview of a query shows. With `name`, of a destination: the columns of that table, from which the outSchema of a pipeline is taken, and those that can be its tableKey.',
  params: entityParams,
  query: tablesQuery,
  response: z.union([tableList, tableSchema]),
  errors: ['SettingsUnreadable', 'SourceRefused', 'SourceUnavailable', 'DestinationRefused', 'DestinationUnavailable'],
  handler: async ({ deps, workspace, params, query: { name }, signal }) => {
    const ref = { workspace, connection: params.id };
    if (name === undefined) return { tables: [...(await listTablesOf(deps, ref, signal()))] };
    return (await getTableSchema(deps, { ...ref, name }, signal())) as z.infer<typeof tableSchema>;
  },
});
