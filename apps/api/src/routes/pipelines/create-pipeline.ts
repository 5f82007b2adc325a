import { createdId, createPipelineBody } from '@penstock/shared/contracts';
import { createPipeline as createPipelineOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const createPipeline = defineRoute({
  method: 'post',
  path: '/v1/pipelines',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'Create a pipeline',
  description:
    'The type and the role of the connection decide of which kind it is. All that is wrong with a definition is reported together; a function is started once, so that one that cannot run is refused here.',
  body: createPipelineBody,
  bodyUnparsed: true,
  idempotent: true,
  response: createdId,
  errors: ['UnsupportedLanguage', 'FormatNotExist'],
  handler: ({ deps, workspace, body, idempotency, signal }) => {
    const functions = deps.functionsOf(workspace);
    return createPipelineOf({ ...deps, functions }, { workspace, body, idempotency, signal: signal() });
  },
});
