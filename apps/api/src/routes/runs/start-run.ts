import { startedRun, startRunBody } from '@penstock/shared/contracts';
import { storeIdempotentAnswer } from '@penstock/shared/repositories';
import { startRun as startRunOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const startRun = defineRoute({
  method: 'post',
  path: '/v1/pipelines/:id/runs',
  scope: 'workspace',
  tag: 'Runs',
  summary: 'Run a pipeline',
  description:
    'Answers at once with the id of the run, which a worker then executes. An export sends what the destination does not have yet, with `full` everything.',
  params: entityParams,
  body: startRunBody,
  bodyOptional: true,
  idempotent: true,
  response: startedRun,
  errors: [
    'PipelineDisabled',
    'IncrementalRequiresUpdateTimeColumn',
    'PipelineInProgress',
    'InspectionMode',
    'MaintenanceMode',
  ],
  handler: ({ deps, workspace, principal, params, body, idempotency: claim }) =>
    startRunOf(deps, {
      workspace,
      pipeline: params.id,
      incremental: body.incremental,
      full: body.full,
      trigger: 'api',
      requestedBy: principal.key,
      ...(claim && { afterInsert: (client, id) => storeIdempotentAnswer(client, claim, { id }) }),
    }),
});
