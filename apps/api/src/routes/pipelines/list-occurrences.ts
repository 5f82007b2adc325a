import { encodeOccurrence, occurrenceList, occurrenceListQuery } from '@penstock/shared/contracts';
import { listOccurrences as listOccurrencesOf } from '@penstock/shared/repositories';
import { getPipeline } from '@penstock/shared/use-cases';
import { defineRoute } from '../../http/route.js';
import { entityParams } from '../parameters.js';

export const listOccurrences = defineRoute({
  method: 'get',
  path: '/v1/pipelines/:id/occurrences',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'List the due times of a pipeline and what became of them',
  params: entityParams,
  query: occurrenceListQuery,
  response: occurrenceList,
  handler: async ({ deps, workspace, params, query: { limit, cursor } }) => {
    // Answers 404 for a pipeline of somebody else.
    await getPipeline(deps, { workspace, pipeline: params.id });
    const rows = await listOccurrencesOf(deps.database, params.id, { before: cursor, limit });
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { occurrences: rows.map(encodeOccurrence), nextCursor: last?.dueAt.toISOString() ?? null };
  },
});
