import { scheduleBody } from '@penstock/shared/contracts';
import { setPipelineSchedule } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const setSchedule = defineRoute({
  method: 'put',
  path: '/v1/pipelines/:id/schedule',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Set or remove the schedule of a pipeline',
  description: 'A schedule may be set on a disabled pipeline; it runs only while enabled. null removes it.',
  params: entityParams,
  body: scheduleBody,
  response: null,
  handler: async ({ deps, workspace, params, body }) => {
    await setPipelineSchedule(deps, { workspace, pipeline: params.id, period: body.period });
    return undefined;
  },
});
