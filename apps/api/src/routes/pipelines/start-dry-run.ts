import { dryRunBody, startedDryRun } from '@penstock/shared/contracts';
import { requestDryRun } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const startDryRun = defineRoute({
  method: 'post',
  path: '/v1/pipelines/:id/dry-runs',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'Look what a run of a pipeline would do',
  description:
    'Takes the records through all steps and counts what would be added, changed, removed and rejected. Nothing is written at the other side, runs go on meanwhile, and the pipeline need not be enabled.',
  params: entityParams,
  body: dryRunBody,
  bodyOptional: true,
  response: startedDryRun,
  errors: ['IncrementalRequiresUpdateTimeColumn', 'MaintenanceMode', 'DryRunInProgress'],
  handler: ({ deps, workspace, principal, params, body }) =>
    requestDryRun(deps, { workspace, pipeline: params.id, ...body, requestedBy: principal.key }),
});
