import { encodeRun, runList } from '@penstock/shared/contracts';
import { readRunHistory } from '@penstock/shared/repositories';
import { defineRoute, JsonStream } from '../../http/route.js';
import { jsonList } from '../../http/send-stream.js';

export const listPipelineRuns = defineRoute({
  method: 'get',
  path: '/v1/pipelines/runs',
  scope: 'workspace',
  tag: 'Runs',
  summary: 'List all runs of the workspace, newest first',
  response: runList,
  handler: async ({ deps, workspace }) =>
    new JsonStream(jsonList('runs', readRunHistory(deps.database, workspace), encodeRun)),
});
