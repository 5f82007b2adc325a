import { pipelineList, pipelineListQuery } from '@penstock/shared/contracts';
import { listPipelines as listPipelinesOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';

export const listPipelines = defineRoute({
  method: 'get',
  path: '/v1/pipelines',
  scope: 'workspace',
  tag: 'Pipelines',
  summary: 'List pipelines',
  query: pipelineListQuery,
  response: pipelineList,
  handler: async ({ deps, workspace, query: { cursor, ...filter } }) => {
    const pipelines = await listPipelinesOf(deps, { workspace, ...filter, after: cursor });
    const last = pipelines.length === filter.limit ? pipelines.at(-1) : undefined;
    return { pipelines, nextCursor: last === undefined ? null : String(last.id) };
  },
});
