import { retryRunBody, startedRun } from '@penstock/shared/contracts';
import { storeIdempotentAnswer } from '@penstock/shared/repositories';
import { retryRun as retryRunOf } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';

export const retryRun = defineRoute({
  method: 'post',
  path: '/v1/runs/:id/retry',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'Start a new run like a failed or cancelled one',
  params: runParams,
  body: retryRunBody,
  bodyOptional: true,
  idempotent: true,
  response: startedRun,
  errors: [
    'RunNotRetryable',
    'PipelineDisabled',
    'IncrementalRequiresUpdateTimeColumn',
    'PipelineInProgress',
    'InspectionMode',
    'MaintenanceMode',
  ],
  handler: ({ deps, workspace, principal, params, body, idempotency: claim }) =>
    retryRunOf(deps, {
      workspace,
      run: params.id,
      allowRemoval: body.allowRemoval,
      requestedBy: principal.key,
      ...(claim && { afterInsert: (client, id) => storeIdempotentAnswer(client, claim, { id }) }),
    }),
});
