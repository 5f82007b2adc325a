import { queryAnswer, queryBody } from '@penstock/shared/contracts';
import { previewQuery } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const queryConnection = defineRoute({
  method: 'post',
  path: '/v1/connections/:id/query',
  scope: 'workspace',
  tag: 'Connections',
  summary: 'Preview what a query of a database connection returns',
  description: 'Read-only. Its schema can be used as the inSchema of a pipeline.',
  params: entityParams,
  body: queryBody,
  response: queryAnswer,
  errors: ['InvalidQuery', 'InvalidPlaceholder', 'SettingsUnreadable', 'SourceRefused', 'SourceUnavailable'],
  handler: async ({ deps, workspace, params, body, signal }) => {
    const preview = await previewQuery(deps, { workspace, connection: params.id, ...body }, signal());
    return {
      rows: [...preview.rows],
      schema: preview.schema as Record<string, unknown> | null,
      issues: [...preview.issues],
    };
  },
});
