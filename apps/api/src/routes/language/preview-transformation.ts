import { transformationPreviewAnswer, transformationPreviewBody } from '@penstock/shared/contracts';
import { previewTransformation as previewTransformationOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const previewTransformation = defineRoute({
  method: 'post',
  path: '/v1/transformations/preview',
  scope: 'workspace',
  tag: 'Data language',
  summary: 'Try a transformation on records',
  description: 'Transforms up to 1,000 records as a run would. Nothing is stored.',
  body: transformationPreviewBody,
  bodyUnparsed: true,
  response: transformationPreviewAnswer,
  errors: ['UnsupportedLanguage', 'FunctionFailed', 'FunctionTimeout', 'FunctionOutOfMemory'],
  handler: ({ deps, workspace, body, signal }) =>
    previewTransformationOf({ functions: deps.functionsOf(workspace) }, body, signal()),
});
