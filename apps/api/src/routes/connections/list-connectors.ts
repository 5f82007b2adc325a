import { type Connector, connectors } from '@penstock/connectors';
import { connectorList } from '@penstock/shared/contracts';
import { rolesOf } from '@penstock/shared/use-cases';
import { z } from 'zod';
import { defineRoute } from '../../http/route.js';

export const listConnectors = defineRoute({
  method: 'get',
  path: '/v1/connectors',
  scope: 'key',
  tag: 'Connections',
  summary: 'List the connectors and what their settings are',
  response: connectorList,
  handler: async () => {
    const sorted = [...connectors.values()].sort((a, b) => a.code.localeCompare(b.code));
    return {
      connectors: sorted.map((connector) => ({
        ...{ code: connector.code, label: connector.label, type: connector.type },
        ...particularsOf(connector),
        settings: jsonSchemaOf(connector.settingsSchema),
      })),
    };
  },
});

/** What only the connectors of a type have. */
function particularsOf(connector: Connector) {
  switch (connector.type) {
    case 'Database':
      return { roles: [...rolesOf(connector)], sampleQuery: connector.sampleQuery };
    case 'FileStorage':
      return { roles: [...rolesOf(connector)], hasPatterns: connector.hasPatterns };
    case 'File':
      return {
        extension: connector.extension,
        hasSheets: connector.hasSheets,
        writeSettings: jsonSchemaOf(connector.writeSettingsSchema),
      };
    case 'Application':
      return { roles: [...rolesOf(connector)] };
  }
}

function jsonSchemaOf(schema: z.ZodObject): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
