import { replacePipelineBody } from '@penstock/shared/contracts';
import { replacePipeline as replacePipelineOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const replacePipeline = defineRoute({
  method: 'put',
  path: '/v1/pipelines/:id',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Replace a pipeline',
  description:
    'Members that are left out get their default. A change of what is moved makes a new version and clears the cursor; the schedule stays.',
  params: entityParams,
  body: replacePipelineBody,
  bodyUnparsed: true,
  response: null,
  errors: ['UnsupportedLanguage', 'FormatNotExist'],
  handler: async ({ deps, workspace, params, body, signal }) => {
    const functions = deps.functionsOf(workspace);
    await replacePipelineOf({ ...deps, functions }, { workspace, pipeline: params.id, body, signal: signal() });
    return undefined;
  },
});
