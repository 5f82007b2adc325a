import { runErrors } from '@penstock/shared/contracts';
import { listErrorGroups } from '@penstock/shared/repositories';
import { defineRoute } from '../../http/route.js';
import { runParams } from '../parameters.js';
import { requireRun } from './require-run.js';

export const listRunErrors = defineRoute({
  method: 'get',
  path: '/v1/runs/:id/errors',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'List why records of a run failed',
  description: 'By step and message, the most frequent first, with the identifiers of a few records.',
  params: runParams,
  response: runErrors,
  handler: async ({ deps, workspace, params }) => {
    const { id } = await requireRun(deps, workspace, params.id);
    const groups = await listErrorGroups(deps.database, id);
    return { errors: groups.map((group) => ({ ...group, keys: [...group.keys] })) };
  },
});
