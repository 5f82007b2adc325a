import { cancelRun as cancelRunOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';

export const cancelRun = defineRoute({
  method: 'post',
  path: '/v1/runs/:id/cancel',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'Cancel a run',
  description:
    'A run that a worker has taken ends at its next batch. One that has published already is not undone: it succeeds.',
  params: runParams,
  response: null,
  errors: ['RunNotLive'],
  handler: async ({ deps, workspace, principal, params }) => {
    await cancelRunOf(deps, { workspace, run: params.id, by: `API key ${principal.key}` });
    return undefined;
  },
});
