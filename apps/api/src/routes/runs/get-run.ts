import { encodeRunDetails, runDetails } from '@penstock/shared/contracts';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';
import { requireRun } from './require-run.js';

export const getRun = defineRoute({
  method: 'get',
  path: '/v1/runs/:id',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'Get a run with its live counts',
  params: runParams,
  response: runDetails,
  handler: async ({ deps, workspace, params }) => encodeRunDetails(await requireRun(deps, workspace, params.id)),
});
