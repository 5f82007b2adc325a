import { connectors } from '@penstock/connectors';
import { connectorList } from '@penstock/shared/contracts';
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
      connectors: sorted.map(({ code, label, type, sampleQuery, settingsSchema }) => ({
        ...{ code, label, type, sampleQuery },
        settings: z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>,
      })),
    };
  },
});
