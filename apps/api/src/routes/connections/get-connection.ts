import { connection } from '@penstock/shared/contracts';
import { getConnection as getConnectionOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';
import { encodeConnection } from './encode-connection.js';

export const getConnection = defineRoute({
  method: 'get',
  path: '/v1/connections/:id',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Get a connection, its secrets redacted',
  params: entityParams,
  response: connection,
  handler: async ({ deps, workspace, params }) =>
    encodeConnection(await getConnectionOf(deps, { workspace, connection: params.id })),
});
