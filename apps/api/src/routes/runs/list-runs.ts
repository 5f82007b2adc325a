import { encodeRunDetails, runDetailsList, runListQuery } from '@penstock/shared/contracts';
import { listRuns as listRunsOf } from '@penstock/shared/repositories';
import { defineRoute } from '../../http/route.js';

export const listRuns = defineRoute({
  method: 'get',
  path: '/v1/runs',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'List runs with their live counts, newest first',
  query: runListQuery,
  response: runDetailsList,
  handler: async ({ deps, workspace, query: { cursor, ...filter } }) => {
    const before = cursor === undefined ? undefined : Number(cursor);
    const rows = await listRunsOf(deps.database, workspace, { ...filter, before });
    const last = rows.length === filter.limit ? rows.at(-1) : undefined;
    return { runs: rows.map(encodeRunDetails), nextCursor: last === undefined ? null : String(last.id) };
  },
});
