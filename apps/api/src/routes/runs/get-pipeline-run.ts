import { encodeRun, run } from '@penstock/shared/contracts';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';
import { requireRun } from './require-run.js';

export const getPipelineRun = defineRoute({
  method: 'get',
  path: '/v1/pipelines/runs/:id',
  scope: 'workspace',
  tag: 'Runs',
  summary: 'Get a run',
  params: runParams,
  response: run,
  handler: async ({ deps, workspace, params }) => encodeRun(await requireRun(deps, workspace, params.id)),
});
