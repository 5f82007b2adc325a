import { dryRun } from '@penstock/shared/contracts';
import { getDryRun as getDryRunOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';

export const getDryRun = defineRoute({
  method: 'get',
  path: '/v1/dry-runs/:id',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'Get a dry run',
  params: runParams,
  response: dryRun,
  handler: ({ deps, workspace, params }) => getDryRunOf(deps, { workspace, dryRun: params.id }),
});
