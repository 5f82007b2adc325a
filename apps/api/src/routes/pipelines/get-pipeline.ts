import { pipeline } from '@penstock/shared/contracts';
import { getPipeline as getPipelineOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const getPipeline = defineRoute({
  method: 'get',
  path: '/v1/pipelines/:id',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Get a pipeline',
  description: 'What it answers can be sent back with PUT.',
  params: entityParams,
  response: pipeline,
  handler: ({ deps, workspace, params }) => getPipelineOf(deps, { workspace, pipeline: params.id }),
});
