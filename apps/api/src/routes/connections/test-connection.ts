import { testAnswer, testConnectionBody } from '@penstock/shared/contracts';
import { type ConnectionTest, testConnection as testConnectionOf } from '@penstock/shared/use-cases';
import type { z } from 'zod';
import { defineRoute } from '../../http/route.js';

export const testConnection = defineRoute({
  method: 'post',
  path: '/v1/connections/test',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Test settings, given ones or those of a connection',
  description: 'Opens the connection and closes it again; an error says which setting to look at.',
  body: testConnectionBody,
  response: testAnswer,
  errors: [
    'ConnectorNotExist',
    'InvalidSettings',
    'SettingsUnreadable',
    'SourceRefused',
    'SourceUnavailable',
    'DestinationRefused',
    'DestinationUnavailable',
  ],
  handler: async ({ deps, workspace, body, signal }) => {
    await testConnectionOf(deps, testOf(workspace, body), signal());
    return { ok: true as const };
  },
});

function testOf(workspace: number, body: z.output<typeof testConnectionBody>): ConnectionTest {
  const { connection, connector = '', settings = {} } = body;
  return connection === undefined ? { connector, settings } : { workspace, connection };
}
