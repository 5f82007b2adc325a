import { connectionList } from '@penstock/shared/contracts';
import { listConnections as listConnectionsOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { encodeConnection } from './encode-connection.js';

export const listConnections = defineRoute({
  method: 'get',
  path: '/v1/connections',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'List connections, by name',
  response: connectionList,
  handler: async ({ deps, workspace }) => {
    const connections = await listConnectionsOf(deps, workspace);
    return { connections: connections.map(encodeConnection) };
  },
});
