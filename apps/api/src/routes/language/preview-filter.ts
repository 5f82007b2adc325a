import { filterPreviewAnswer, filterPreviewBody } from '@penstock/shared/contracts';
import { previewFilter as previewFilterOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const previewFilter = defineRoute({
  method: 'post',
  path: '/v1/filters/preview',
  scope: 'workspace',
  tag: 'Data language',
  summary: 'Try a filter on records',
  description: 'Says of up to 1,000 records whether they pass. Nothing is stored.',
  body: filterPreviewBody,
  bodyUnparsed: true,
  response: filterPreviewAnswer,
  handler: ({ body, signal }) => previewFilterOf(body, signal()),
});
