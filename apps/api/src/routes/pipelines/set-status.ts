import { statusBody } from '@penstock/shared/contracts';
import { setPipelineStatus } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const setStatus = defineRoute({
  method: 'put',
  path: '/v1/pipelines/:id/status',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Enable or disable a pipeline',
  description: 'Takes effect for schedules and new runs; a run in progress goes on.',
  params: entityParams,
  body: statusBody,
  response: null,
  handler: async ({ deps, workspace, params, body }) => {
    await setPipelineStatus(deps, { workspace, pipeline: params.id, enabled: body.enabled });
    return undefined;
  },
});
