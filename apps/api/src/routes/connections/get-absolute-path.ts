import { absolutePathAnswer, absolutePathQuery } from '@penstock/shared/contracts';
import { absolutePath } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const getAbsolutePath = defineRoute({
  method: 'get',
  path: '/v1/connections/:id/files/absolute',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Show the whole address of a path',
  description: 'Of a destination, with the placeholders of the path replaced as they would be now.',
  params: entityParams,
  query: absolutePathQuery,
  response: absolutePathAnswer,
  errors: ['InvalidPath', 'InvalidPlaceholder', 'SettingsUnreadable', 'SourceRefused'],
  handler: async ({ deps, workspace, params, query }) => ({
    path: await absolutePath(deps, { workspace, connection: params.id, path: query.path }),
  }),
});
