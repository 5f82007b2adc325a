import { deletePipeline as deletePipelineOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const deletePipeline = defineRoute({
  method: 'delete',
  path: '/v1/pipelines/:id',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Delete a pipeline',
  description:
    'Allowed in every warehouse mode and while it runs: the run is cancelled. The identities that it imported are purged in the background.',
  params: entityParams,
  response: null,
  handler: async ({ deps, workspace, params }) => {
    await deletePipelineOf(deps, { workspace, pipeline: params.id });
    return undefined;
  },
});
