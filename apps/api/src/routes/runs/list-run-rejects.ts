import { STEPS, type Step } from '@penstock/domain';
import { encodeRunReject, runReject, runRejects, runRejectsQuery } from '@penstock/shared/contracts';
import {
  countRejects,
  listRejects,
  type RejectRow,
  type RunRow,
  readRejects,
  unsealReject,
} from '@penstock/shared/repositories';
import type { ApiDependencies } from '../../dependencies.js';
import { defineRoute, JsonStream } from '../../http/route.js';
import { jsonLines } from '../../http/send-stream.js';
import { runParams } from '../parameters.js';
import { requireRun } from './require-run.js';

export const listRunRejects = defineRoute({
  method: 'get',
  path: '/v1/runs/:id/rejects',
  scope: 'workspace',
  tag: 'Operations',
  summary: 'List the records of a run that failed',
  description:
    'In the order in which they failed, as many of them as are kept, for some days. With `Accept: application/x-ndjson` all of them as a file with one on each line; `limit` and `cursor` then mean nothing.',
  params: runParams,
  query: runRejectsQuery,
  response: runRejects,
  line: runReject,
  handler: async ({ deps, workspace, params, query, wantsLines }) => {
    const run = await requireRun(deps, workspace, params.id);
    if (!wantsLines) return new JsonStream(page(deps, run, query));
    const rows = readRejects(deps.database, run.id, query.step);
    return new JsonStream(
      jsonLines(rows, (row) => encode(deps, row)),
      `run-${run.id}-rejects.ndjson`,
    );
  },
});

interface PageQuery {
  readonly step?: Step | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The text of a page: records are text already, so that nothing of them gets lost. */
async function* page(deps: ApiDependencies, run: RunRow, { step, limit, cursor }: PageQuery): AsyncGenerator<string> {
  const after = Number(cursor ?? 0);
  // One more than asked for tells whether there is another page.
  const found = await listRejects(deps.database, run.id, { step, after, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const next = found.length > limit ? rows.at(-1) : undefined;
  const kept = await countRejects(deps.database, run.id, step);
  // Counts of a live run come with its heartbeats, and its rejects may be ahead of them.
  const failed = Math.max(failedAt(run, step), kept);
  const nextCursor = next === undefined ? null : String(next.position);
  yield `{"nextCursor":${JSON.stringify(nextCursor)},"failed":${failed},"kept":${kept},"rejects":[`;
  for (const [at, row] of rows.entries()) yield (at === 0 ? '' : ',') + encode(deps, row);
  yield ']}';
}

/** A record that the filter drops is counted as failed, but nothing is wrong with it. */
function failedAt({ failed }: RunRow, step: Step | undefined): number {
  return STEPS.reduce(
    (sum, name, at) => ((step === undefined ? name !== 'Filter' : name === step) ? sum + (failed[at] ?? 0) : sum),
    0,
  );
}

function encode({ secrets }: ApiDependencies, row: RejectRow): string {
  return encodeRunReject({ ...row, content: unsealReject(secrets, row.content) });
}
